import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { readOptions } from "../../origin/cli/read-options.ts";
import { runCommand } from "../../origin/cli/run-command.ts";
import { type Precision, precisions } from "../../origin/model/generate/precision.ts";
import { hugePages } from "../../origin/process/huge-pages.ts";
import { runner, tiedChildFlags } from "../../origin/process/programs.ts";
import type { ModelKind } from "./checkpoint/configuration.ts";
import { type SizeName, sizes } from "./checkpoint/sizes.ts";
import { type CheckpointOptions, writeCheckpoint } from "./checkpoint/write-checkpoint.ts";
import { measureLongText } from "./long-text.ts";
import { measureAgainst } from "./measure/against.ts";
import { type Row, tellResult } from "./measure/suite.ts";
import { measureShapes } from "./shapes.ts";
import { measureEdge } from "./suites/edge.ts";
import { measureEncoders } from "./suites/encode.ts";
import {
  type ModelSuiteOptions,
  measureCodec,
  measureGenerate,
  measurePipeline,
} from "./suites/model-suites.ts";
import { measureVoices } from "./voices.ts";

const help = `Usage: npm run bench -- COMMAND

  checkpoint MODEL DIR [--seed N] [--frames N]
        Writes a checkpoint in the published layout and sizes, with random weights and a vocabulary of its own.
        It speaks noise. N frames, of 80 ms, is how long its utterances are on average; 40 unless said otherwise.
  shapes MODEL [--precision P] [--checkpoint DIR] [--frames N]
        Writes such a checkpoint, unless DIR is one, builds it, and speaks with it through origin and edge. Prints how
        long everything takes and how much memory. Needs twice the checkpoint's size of room in the folder for temporary
        files, and cleans up.
  generate|codec|pipeline [MODEL] [--precision P] [--checkpoint DIR] [--frames N] [--json FILE] [--html FILE]
        The language model by threads and streams, the codec by threads and the frames of a chunk, and whole utterances.
        MODEL is 0.6b-custom-voice unless said otherwise. With --json the rows are written, with --html plots of them.
        --profile has generate and codec also print where the time goes, by the operators of ONNX Runtime.
        --against FOLDER runs shapes instead, of this checkout and that in FOLDER in turns on one checkpoint, and prints
        the ratios with their spread; --rounds N, 3 unless said otherwise, of each.
  encode [--json FILE] [--html FILE]
        Every format: what 80 ms take, what the end takes, and how much sound goes in before any comes out.
  edge [--json FILE] [--html FILE]
        What bench:edge measures, as rows.
  voices SIZE [--precision P] [--checkpoint DIR]
        Writes such a checkpoint of a base model, builds it, encodes recordings with it, and speaks with the voices twice.
  long [--minutes N]
        Speaks one text of N minutes, 30 unless said otherwise, with a tiny model. Prints the memory of both processes
        as it goes, and leaves with 1 when it grows.

  MODEL is a size (${Object.keys(sizes).join(", ")}) and a kind (custom-voice, voice-design, base): 0.6b-custom-voice
  P     is ${Object.keys(precisions).join(", ")}; int8 unless said otherwise
`;

const kinds: Record<string, ModelKind> = {
  "custom-voice": "custom_voice",
  "voice-design": "voice_design",
  base: "base",
};

const resultOptions = {
  json: { type: "string" },
  html: { type: "string" },
} as const;

/** Of the commands that write a checkpoint. */
const checkpointOptions = {
  seed: { type: "string", default: "1" },
  frames: { type: "string", default: "40" },
} as const;

const generate = modelSuite("generate", measureGenerate);
const codec = modelSuite("codec", measureCodec);
const pipeline = modelSuite("pipeline", measurePipeline);
const encode = plainSuite("encode", measureEncoders);
const edge = plainSuite("edge", measureEdge);

// Models that are loaded here find the environment that the process of an engine has.
const environment = { ...process.env, ...hugePages(process.env) };
if (process.env.GLIBC_TUNABLES !== environment.GLIBC_TUNABLES) {
  const again = [
    ...tiedChildFlags,
    runner,
    fileURLToPath(import.meta.url),
    ...process.argv.slice(2),
  ];
  const { status } = spawnSync(process.execPath, again, { stdio: "inherit", env: environment });
  process.exit(status ?? 1);
}

await runCommand(
  { checkpoint, shapes, generate, codec, pipeline, encode, edge, voices, long },
  help,
);

function plainSuite(name: string, measure: () => Promise<Row[]>) {
  return async (args: string[]): Promise<void> => {
    const { values } = readOptions({ args, options: resultOptions });
    tellResult(name, await measure(), values);
    // Encoders and ONNX Runtime may keep threads.
    process.exit();
  };
}

function modelSuite(name: string, measure: (options: ModelSuiteOptions) => Promise<Row[]>) {
  return async (args: string[]): Promise<void> => {
    const { values, positionals } = readOptions({
      args,
      allowPositionals: true,
      options: {
        ...checkpointOptions,
        ...resultOptions,
        precision: { type: "string", default: "int8" },
        checkpoint: { type: "string" },
        profile: { type: "boolean", default: false },
        against: { type: "string" },
        rounds: { type: "string", default: "3" },
      },
    });
    const [model = "0.6b-custom-voice"] = positionals;
    const { checkpoint, against, profile } = values;
    const precision = readPrecision(values.precision);
    const options = { ...readCheckpoint(model, values), precision, checkpoint, profile };
    if (!against) return tellResult(name, await measure(options), values);
    const rounds = readNumber("--rounds", values.rounds);
    await compareCheckouts({ model, against, rounds, options });
  };
}

async function compareCheckouts(compared: {
  model: string;
  against: string;
  rounds: number;
  options: ModelSuiteOptions;
}): Promise<void> {
  const { model, against, rounds, options } = compared;
  const other = resolve(against);
  if (!existsSync(join(other, "test/bench/bench.ts"))) {
    throw new Error(`--against must be a checkout of this project; ${other} is none`);
  }
  const room = mkdtempSync(join(tmpdir(), "bench-against-"));
  process.once("exit", () => rmSync(room, { recursive: true, force: true }));
  const checkpoint = resolve(options.checkpoint ?? join(room, "checkpoint"));
  if (!options.checkpoint) writeCheckpoint(checkpoint, options);
  const shapes = [model, "--precision", options.precision, "--checkpoint", checkpoint];
  await measureAgainst({ own: process.cwd(), other, shapes, rounds });
}

function checkpoint(args: string[]): void {
  const { values, positionals } = readOptions({
    args,
    allowPositionals: true,
    options: checkpointOptions,
  });
  const [model, folder] = positionals;
  if (!folder) throw new Error("checkpoint takes a model and a folder");
  const onProgress = (step: string) => void process.stderr.write(`${step}\n`);
  writeCheckpoint(folder, { ...readCheckpoint(model, values), onProgress });
}

async function shapes(args: string[]): Promise<void> {
  const { values, positionals } = readOptions({
    args,
    allowPositionals: true,
    options: {
      ...checkpointOptions,
      precision: { type: "string", default: "int8" },
      checkpoint: { type: "string" },
    },
  });
  const [model] = positionals;
  const { checkpoint } = values;
  const precision = readPrecision(values.precision);
  await measureShapes({ ...readCheckpoint(model, values), precision, checkpoint });
}

async function voices(args: string[]): Promise<void> {
  const { values, positionals } = readOptions({
    args,
    allowPositionals: true,
    options: {
      ...checkpointOptions,
      precision: { type: "string", default: "int8" },
      checkpoint: { type: "string" },
    },
  });
  const { checkpoint } = values;
  const precision = readPrecision(values.precision);
  await measureVoices({
    ...readCheckpoint(`${positionals[0]}-base`, values),
    precision,
    checkpoint,
  });
}

async function long(args: string[]): Promise<void> {
  const options = { minutes: { type: "string", default: "30" } } as const;
  const { values } = readOptions({ args, options });
  await measureLongText(readNumber("--minutes", values.minutes));
}

function readCheckpoint(
  model: string | undefined,
  { seed, frames }: { seed: string; frames: string },
): CheckpointOptions {
  return {
    ...readModel(model),
    seed: readNumber("--seed", seed),
    meanFrames: readNumber("--frames", frames),
  };
}

function readModel(name = ""): Pick<CheckpointOptions, "size" | "kind"> {
  const [size = "", ...rest] = name.split("-");
  const kind = kinds[rest.join("-")];
  if (Object.hasOwn(sizes, size) && kind) return { size: size as SizeName, kind };
  throw new Error(`MODEL must be like 0.6b-custom-voice; it is ${JSON.stringify(name)}`);
}

function readPrecision(name: string): Precision {
  if (Object.hasOwn(precisions, name)) return name as Precision;
  throw new Error(`--precision must be one of ${Object.keys(precisions).join(", ")}`);
}

function readNumber(option: string, text: string): number {
  const number = Number(text);
  if (number > 0) return number;
  throw new Error(`${option} must be a number above 0; it is ${text}`);
}
