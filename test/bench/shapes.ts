// A model from nothing to sound, written, built, loaded and spoken with through origin and edge, and what each costs.
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Precision } from "../../origin/model/generate/precision.ts";
import type { BuildOptions } from "../../origin/model/pack/build-pack.ts";
import { readManifest } from "../../origin/model/pack/manifest.ts";
import { openPack } from "../../origin/model/pack/open-pack.ts";
import { describeMachine } from "../../origin/process/machine.ts";
import { runner } from "../../origin/process/programs.ts";
import { type CheckpointOptions, writeCheckpoint } from "./checkpoint/write-checkpoint.ts";
import type { Built } from "./measure/build-child.ts";
import { createNotebook, inMegabytes, type Notebook } from "./measure/notebook.ts";
import { openReferenceWork } from "./measure/reference-work.ts";
import { measureSpeech } from "./measure/speech.ts";
import { measureSteps } from "./measure/steps.ts";

export interface ShapesOptions extends CheckpointOptions {
  precision: Precision;
  /** One that is there already, instead of a new one. */
  checkpoint: string | undefined;
}

/** Listeners at the same time. */
const company = 8;

/** Prints a Markdown table, and on standard error what is being done. */
export async function measureShapes(options: ShapesOptions): Promise<void> {
  const { size, kind, precision } = options;
  const threads = availableParallelism();
  const room = temporaryFolder();
  const modelsDirectory = join(room, "models");
  const reference = await openReferenceWork(threads);
  const { processor, cores, node, onnxruntime } = describeMachine();
  process.stdout.write(
    `${processor}, ${cores} cores, Node ${node}, ONNX Runtime ${onnxruntime}\n\n`,
  );
  const title = `${size} ${kind.replace("_", " ")}, ${precision}`;
  const notebook = createNotebook(title, reference);

  const folder = options.checkpoint ?? (await write(notebook, join(room, "checkpoint"), options));
  const pack = await build(notebook, { folder, precision, modelsDirectory });
  await measureCalls(notebook, pack, threads);
  await measureSpeech(notebook, { modelsDirectory, model: readManifest(pack).model, company });

  await reference.close();
}

async function write(
  notebook: Notebook,
  folder: string,
  options: CheckpointOptions,
): Promise<string> {
  tell("writing the checkpoint");
  await notebook.time(async () => {
    const start = performance.now();
    writeCheckpoint(folder, options);
    return { "checkpoint written in": performance.now() - start };
  });
  return folder;
}

/** Returns the pack's folder. */
async function build(
  notebook: Notebook,
  options: Omit<BuildOptions, "selfTest" | "onProgress">,
): Promise<string> {
  tell("building the pack");
  const module = fileURLToPath(new URL("measure/build-child.ts", import.meta.url));
  let built: Built | undefined;
  await notebook.time(async () => {
    const start = performance.now();
    const child = fork(runner, [module, JSON.stringify(options)]);
    child.once("message", (message: Built) => {
      built = message;
    });
    const [code] = await once(child, "exit");
    if (code !== 0 || !built) throw new Error("the pack could not be built");
    return { "built, self-test included, in": performance.now() - start };
  });
  if (!built) throw new Error("the pack could not be built");

  const { files, self_test: test } = readManifest(built.folder);
  const packBytes = Object.values(files).reduce((total, { bytes }) => total + bytes, 0);
  notebook.note("most memory while building", inMegabytes(built.peakBytes));
  notebook.note("size of the pack", inMegabytes(packBytes));
  notebook.note("loaded in (self-test)", `${test?.loading?.seconds.toFixed(1)} s`);
  notebook.note("memory when loaded", inMegabytes(test?.loading?.resident_bytes));
  notebook.note("most memory, loading included", inMegabytes(test?.peak_resident_bytes));
  return built.folder;
}

async function measureCalls(notebook: Notebook, folder: string, threads: number): Promise<void> {
  const pack = await openPack(folder, { threads });
  for (const streams of [1, company]) {
    tell(`calls with ${streams} streams`);
    await notebook.time(async () => {
      const { talker, codec } = await measureSteps(pack, streams);
      return {
        [`talker and predictor, a frame, ${streams} streams`]: talker,
        [`codec, a frame, ${streams} streams`]: codec,
      };
    });
  }
  await pack.close();
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "bench-shapes-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
  return folder;
}

function tell(step: string): void {
  process.stderr.write(`${step}\n`);
}
