import { basename } from "node:path";
import { parseArgs } from "node:util";
import { type ModelId, nativeModels } from "../../shared/models.ts";
import { type Precision, precisions } from "../model/generate/precision.ts";
import { buildPack } from "../model/pack/build-pack.ts";
import { type InstalledPack, installedPacks } from "../model/pack/installed-packs.ts";
import { PackError } from "../model/pack/manifest.ts";
import { modelsDirectory } from "../model/pack/models-directory.ts";

const help = `Usage: npm run model -- COMMAND

  build DIR [--precision P] [--model ID]
        Builds a Qwen3-TTS checkpoint, in the layout of its official repository, into a pack the origin can load.
        P is ${Object.keys(precisions).join(", ")}; int8 unless said otherwise.
        ID is the model the pack answers for; unless given, the checkpoint's size and kind decide.
  list  Shows the installed packs.

Packs are kept in MODELS_DIR, at present ${modelsDirectory()}
`;

try {
  await run(process.argv.slice(2));
} catch (cause) {
  process.stderr.write(`${cause instanceof Error ? cause.message : cause}\n`);
  process.exitCode = 1;
}

async function run([command, ...rest]: string[]): Promise<void> {
  switch (command) {
    case "build":
      return build(rest);
    case "list":
      return list();
    case undefined:
    case "help":
    case "--help":
      process.stdout.write(help);
      return;
    default:
      throw new Error(`There is no command ${command}.\n\n${help}`);
  }
}

async function build(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { precision: { type: "string", default: "int8" }, model: { type: "string" } },
  });
  const [folder, ...others] = positionals;
  if (!folder || others.length > 0) throw new Error("build takes one folder: build DIR");
  const { precision, model } = values;
  if (!Object.hasOwn(precisions, precision)) {
    throw new Error(`--precision must be one of ${Object.keys(precisions).join(", ")}`);
  }
  if (model !== undefined && !Object.hasOwn(nativeModels, model)) {
    throw new Error(`--model must be one of ${Object.keys(nativeModels).join(", ")}`);
  }
  const target = await buildPack({
    folder,
    precision: precision as Precision,
    modelsDirectory: modelsDirectory(),
    ...(model === undefined ? {} : { model: model as ModelId }),
    onProgress: (step) => process.stderr.write(`${step}\n`),
  });
  process.stdout.write(`${target}\n`);
}

function list(): void {
  const directory = modelsDirectory();
  const packs = installedPacks(directory);
  if (packs.length === 0) process.stdout.write(`There is no pack in ${directory}\n`);
  for (const pack of packs) process.stdout.write(`${describe(pack)}\n`);
}

function describe({ folder, manifest }: InstalledPack): string {
  if (manifest instanceof PackError) return `${basename(folder)}  unusable: ${manifest.message}`;
  const bytes = Object.values(manifest.files).reduce((total, file) => total + file.bytes, 0);
  const built = new Date(manifest.built_at * 1000).toISOString();
  return `${manifest.model}  ${manifest.precision}  ${Math.ceil(bytes / 1e6)} MB  built ${built} from ${manifest.source.folder}`;
}
