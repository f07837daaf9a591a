// The parts of a model by themselves, and all of it as one answer after the other.
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { createQwen3Engine } from "../../../origin/engine/qwen3/engine.ts";
import type { Precision } from "../../../origin/model/generate/precision.ts";
import { buildPack } from "../../../origin/model/pack/build-pack.ts";
import { readManifest } from "../../../origin/model/pack/manifest.ts";
import { type LoadedPack, openPack } from "../../../origin/model/pack/open-pack.ts";
import { type CheckpointOptions, writeCheckpoint } from "../checkpoint/write-checkpoint.ts";
import { profileOperators } from "../measure/profile.ts";
import { measurePrompts } from "../measure/prompts.ts";
import { openReferenceWork } from "../measure/reference-work.ts";
import { measureSteps } from "../measure/steps.ts";
import type { Row } from "../measure/suite.ts";

export interface ModelSuiteOptions extends CheckpointOptions {
  precision: Precision;
  /** One that is there already, instead of a new one. */
  checkpoint: string | undefined;
  /** Whether to tell where the time goes by operator, on standard output. */
  profile: boolean;
}

const frameMs = 80;
const streamCounts = [1, 2, 8];
const instructionWords = [0, 10, 20, 40];
const cuts = [1, 2, 4, 8];
const codecChunks = 8;
const sentence =
  "The ferry leaves at noon, and we still have to pack our things and say goodbye to everyone.";

/** One, two, four and so on, and all there are. */
export function threadCounts(most: number = availableParallelism()): number[] {
  const counts = Array.from({ length: Math.floor(Math.log2(most)) + 1 }, (_, power) => 2 ** power);
  return [...new Set([...counts, most])];
}

/** The language model: streams that share their steps, and prompts until their first frame, by threads. */
export function measureGenerate(options: ModelSuiteOptions): Promise<Row[]> {
  return measureParts(options, async (pack, threads, timed) => {
    const rows: Row[] = [];
    for (const streams of streamCounts) {
      const name = `${streams} streams, ${threads} threads`;
      rows.push(
        await timed(name, "generate", async () => (await measureSteps(pack, streams)).talker),
      );
    }
    for (const words of instructionWords) {
      const { fresh, again } = await measurePrompts(pack, words);
      const prompt = (name: string, firstAudioMs: number): Row => ({
        name: `${words} words of instructions, ${name}, ${threads} threads`,
        precision: options.precision,
        rtf: null,
        ratio: null,
        firstAudioMs,
        msPerFrame: {},
      });
      rows.push(prompt("new", fresh), prompt("again", again));
    }
    return rows;
  });
}

/** The codec: one stream in chunks of so many frames, by threads. */
export function measureCodec(options: ModelSuiteOptions): Promise<Row[]> {
  return measureParts(options, async (pack, threads, timed) => {
    const rows: Row[] = [];
    for (const frames of cuts) {
      const codes = new BigInt64Array(frames * pack.manifest.shapes.codebooks);
      const name = `chunks of ${frames} frames, ${threads} threads`;
      rows.push(
        await timed(name, "codec", async () => {
          const codec = pack.openCodec();
          await codec.push(codes);
          const begun = performance.now();
          for (let chunk = 0; chunk < codecChunks; chunk++) await codec.push(codes);
          return (performance.now() - begun) / (codecChunks * frames);
        }),
      );
    }
    return rows;
  });
}

type Timed = (name: string, part: string, measure: () => Promise<number>) => Promise<Row>;

async function measureParts(
  options: ModelSuiteOptions,
  measure: (pack: LoadedPack, threads: number, timed: Timed) => Promise<Row[]>,
): Promise<Row[]> {
  const { folder } = await packOf(options);
  const rows: Row[] = [];
  for (const threads of threadCounts()) {
    const reference = await openReferenceWork(threads);
    const pack = await openPack(folder, { threads });
    const timed: Timed = async (name, part, run) => {
      const before = await reference.measure();
      const ms = await run();
      const unit = (before + (await reference.measure())) / 2;
      const { precision } = options;
      const [rtf, ratio] = [ms / frameMs, ms / unit];
      return { name, precision, rtf, ratio, firstAudioMs: null, msPerFrame: { [part]: ms } };
    };
    rows.push(...(await measure(pack, threads, timed)));
    await pack.close();
    await reference.close();
  }
  if (options.profile) {
    const threads = availableParallelism();
    const run = async () => {
      const pack = await openPack(folder, { threads });
      await measure(pack, threads, async (name, _part, run) => {
        await run();
        return {
          name,
          precision: null,
          rtf: null,
          ratio: null,
          firstAudioMs: null,
          msPerFrame: {},
        };
      });
      return pack;
    };
    process.stdout.write(`${await profileOperators(run)}\n`);
  }
  return rows;
}

/** Whole utterances through an engine in a process of its own, by how many are spoken at once. */
export async function measurePipeline(options: ModelSuiteOptions): Promise<Row[]> {
  const { folder } = await packOf(options);
  const engine = createQwen3Engine({ packFolder: folder });
  const { model } = readManifest(folder);
  const signal = new AbortController().signal;
  const speak = async (seed: number) => {
    const since = performance.now();
    const audio = engine.synthesize(
      {
        ...{ model, mix: null, voice: null, language: "english", sampling: {}, retryable: false },
        speaker: options.kind === "custom_voice" ? "Ryan" : null,
        instructions: options.kind === "voice_design" ? "A calm, warm voice." : null,
        text: sentence,
        seed,
      },
      signal,
    );
    let firstAudioMs: number | null = null;
    let samples = 0;
    for await (const { length } of audio) {
      firstAudioMs ??= performance.now() - since;
      samples += length;
    }
    return { firstAudioMs: firstAudioMs ?? 0, seconds: samples / engine.sampleRate };
  };
  const rows: Row[] = [];
  try {
    await engine.started();
    await speak(1);
    for (const streams of streamCounts) {
      const since = performance.now();
      const spoken = await Promise.all(Array.from({ length: streams }, (_, at) => speak(10 + at)));
      const wallMs = performance.now() - since;
      const seconds = spoken.reduce((sum, one) => sum + one.seconds, 0);
      const rtf = wallMs / 1000 / seconds;
      rows.push({
        name: `${streams} utterances at once`,
        precision: options.precision,
        rtf,
        ratio: null,
        firstAudioMs: Math.max(...spoken.map(({ firstAudioMs }) => firstAudioMs)),
        msPerFrame: { all: rtf * frameMs },
      });
    }
  } finally {
    await engine.close();
  }
  return rows;
}

async function packOf(options: ModelSuiteOptions): Promise<{ folder: string }> {
  const room = mkdtempSync(join(tmpdir(), "bench-suite-"));
  process.once("exit", () => rmSync(room, { recursive: true, force: true }));
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
  const checkpoint = options.checkpoint ?? join(room, "checkpoint");
  if (!options.checkpoint) writeCheckpoint(checkpoint, options);
  const modelsDirectory = join(room, "models");
  const { precision } = options;
  return {
    folder: await buildPack({ folder: checkpoint, precision, modelsDirectory, selfTest: false }),
  };
}
