/**
 * Runs a program in TypeScript, or the part of one that has a process or a thread of its own:
 *
 *     node origin/run.mjs origin/main.ts [ARGUMENT …]
 *
 * Its modules are bundled into one file, which is kept until one of them changes. Translated and loaded one by one, as they
 * are by a loader of TypeScript, they take more than twice the processor time, in each process and in each thread. Packages
 * stay where they are.
 */
import { createHash, randomUUID } from "node:crypto";
import fs from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, extname, join, relative, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const project = fileURLToPath(new URL("..", import.meta.url));
const packages = join(project, "node_modules");
/** What bundles are made by. */
const tools = [fileURLToPath(import.meta.url), join(packages, "esbuild/package.json")];
/** Where bundles are kept: in the first that can be written to. Each says where it is, made first if that is asked for. */
const folders = [packagesFolder, ownFolder];
/** Begins the last line of a bundle, which says what it was made of. */
const mark = "\n//# inputs=";

const [node, , program] = process.argv;
if (!program?.endsWith(".ts")) {
  process.stderr.write("Usage: node origin/run.mjs PROGRAM.ts [ARGUMENT …]\n");
  process.exit(2);
}
const entry = resolve(program);
process.argv.splice(0, 3, node, entry);
process.setSourceMapsEnabled(true);
const bundle = keptBundle(entry) ?? (await bundlePrograms(entry));
await import(pathToFileURL(bundle).href);

/** The file of a program's bundle, if there is one and all that it was made of is as it was. */
function keptBundle(program) {
  for (const folder of folders) {
    try {
      const path = join(folder(), nameOf(program));
      const text = fs.readFileSync(path, "utf8");
      const { inputs, digest } = JSON.parse(text.slice(text.lastIndexOf(mark) + mark.length));
      const sources = inputs.map((input) => [input, fs.readFileSync(join(project, input), "utf8")]);
      if (digestOf(sources) === digest) return path;
    } catch {
      // There is none, or a source of it is gone.
    }
  }
}

/**
 * Bundles a program, and all that it starts: so an image has what runs in it once the program was started while it was made.
 * Returns the file of the program's bundle.
 */
async function bundlePrograms(program) {
  const { build, stop } = await import("esbuild");
  const programs = [program];
  const paths = [];
  for (const each of programs) {
    const { text, started } = await bundled(each, build);
    paths.push(keep(nameOf(each), text));
    programs.push(...started.filter((other) => !programs.includes(other)));
  }
  await stop();
  return paths[0];
}

async function bundled(program, build) {
  const sources = new Map(tools.map((path) => [path, fs.readFileSync(path, "utf8")]));
  const started = new Set();
  const loadSource = ({ path }) => {
    const source = fs.readFileSync(path, "utf8");
    sources.set(path, source);
    for (const [, module] of source.matchAll(/new URL\("(\S+\.ts)", import\.meta\.url\)/g)) {
      started.add(resolve(dirname(path), module));
    }
    // Modules look for what is beside their sources.
    const address = JSON.stringify(pathToFileURL(path).href);
    return {
      contents: source.replaceAll("import.meta.url", address),
      loader: extname(path).slice(1),
    };
  };
  const { outputFiles } = await build({
    absWorkingDir: project,
    entryPoints: [program],
    outfile: join(packagesFolder(), nameOf(program)),
    write: false,
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm",
    target: "node20",
    keepNames: true,
    sourcemap: "inline",
    sourcesContent: false,
    logLevel: "silent",
    plugins: [
      { name: "sources", setup: ({ onLoad }) => onLoad({ filter: /\.(ts|json)$/ }, loadSource) },
    ],
  });
  const inputs = [...sources].map(([path, source]) => [relative(project, path), source]);
  const made = { inputs: inputs.map(([input]) => input), digest: digestOf(inputs) };
  return { text: outputFiles[0].text + mark + JSON.stringify(made), started: [...started] };
}

/** Returns the file. */
function keep(name, text) {
  for (const folder of folders) {
    try {
      const path = join(folder({ make: true }), name);
      replaceFile(path, text);
      return path;
    } catch (cause) {
      if (folder === folders.at(-1)) throw cause;
    }
  }
}

/** In one piece, since others may be starting from it. */
function replaceFile(path, text) {
  const part = `${path}.${randomUUID()}`;
  try {
    fs.writeFileSync(part, text);
    fs.renameSync(part, path);
  } finally {
    fs.rmSync(part, { force: true });
  }
}

/** Of the packages' caches. It is there for all who can install packages. */
function packagesFolder({ make = false } = {}) {
  const folder = join(packages, ".cache/qwen3-tts-edge");
  if (make) fs.mkdirSync(folder, { recursive: true });
  return folder;
}

/** For this user alone, since he runs what is in it. Packages are found from it. Throws an Error where others have a say. */
function ownFolder({ make = false } = {}) {
  const user = process.getuid?.();
  const ofUser = join(tmpdir(), `qwen3-tts-edge-${user ?? "programs"}`);
  if (make) fs.mkdirSync(ofUser, { recursive: true, mode: 0o700 });
  const { uid, mode } = fs.lstatSync(ofUser);
  if (user !== undefined && (uid !== user || (mode & 0o077) !== 0)) {
    throw new Error(`${ofUser} is not this user's alone, so nothing is run from it.`);
  }
  const folder = join(ofUser, digestOf([[project, ""]]).slice(0, 16));
  if (!make) return folder;
  fs.mkdirSync(folder, { recursive: true });
  const link = join(folder, "node_modules");
  if (!fs.existsSync(link)) fs.symlinkSync(packages, link, "junction");
  return folder;
}

/** Bundles know where their sources are, so each checkout has its own. */
function nameOf(program) {
  return `${basename(program, ".ts")}-${digestOf([[program, ""]]).slice(0, 16)}.mjs`;
}

function digestOf(sources) {
  const hash = createHash("sha256");
  for (const [name, source] of sources)
    hash.update(JSON.stringify([name, source.length])).update(source);
  return hash.digest("hex");
}
