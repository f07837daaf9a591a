/**
 * Compares what the product makes of checkpoints with what the official code makes of them. Every checkpoint is built
 * into a pack and opened, as the engine opens it.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Device } from "../device/device.ts";
import type { Precision } from "../generate/precision.ts";
import { buildPack } from "../pack/build-pack.ts";
import { type LoadedPack, openPack } from "../pack/open-pack.ts";
import { type Check, guarded } from "./check.ts";
import { encoderChecks } from "./encoder-checks.ts";
import { exactSpeechChecks } from "./exact-speech.ts";
import { type PreparedCase, prepareCase } from "./prepared-case.ts";
import { openProbe } from "./probe.ts";
import { promptChecks, tokenizerCheck } from "./prompt-checks.ts";
import { quantizedSpeechChecks } from "./quantized-speech.ts";
import type { ReferenceCase, ReferenceSet } from "./reference-set.ts";
import type { SpeechChecks } from "./speech-checks.ts";
import { waveChecks } from "./wave-checks.ts";

export interface ConformanceOptions {
  precision: Precision;
  /** The CPU by default. */
  device?: Device;
  threads: number;
  /** Where to build. Each checkpoint's files are gone when its checks are done. */
  directory: string;
}

/** A checkpoint at work. */
interface Subject extends ConformanceOptions {
  name: string;
  checkpoint: string;
  pack: LoadedPack;
}

/** A pack answers for a model of the catalogue; which one does not matter here. */
const anyModel = "qwen3-tts-12hz-1.7b-base";

/** The checks of a set, one after the other as they are made. What goes wrong is a check that failed. */
export async function* checkConformance(
  set: ReferenceSet,
  options: ConformanceOptions,
): AsyncGenerator<Check> {
  for (const [name, checkpoint] of set.checkpoints) {
    const directory = join(options.directory, name);
    try {
      yield* guarded(name, checkpointChecks(set, name, checkpoint, { ...options, directory }));
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  }
}

async function* checkpointChecks(
  set: ReferenceSet,
  name: string,
  checkpoint: string,
  options: ConformanceOptions,
): AsyncGenerator<Check> {
  const { precision, device = "cpu", threads, directory: modelsDirectory } = options;
  const folder = await buildPack({
    folder: checkpoint,
    precision,
    modelsDirectory,
    model: anyModel,
    // Every comparison is stricter.
    selfTest: false,
  });
  const pack = await openPack(folder, { threads, device });
  try {
    const cases = set.cases.filter((reference) => reference.checkpoint === name);
    yield tokenizerCheck(name, pack.tokenizer, set.tokenizer);
    const codec = `${name}: codec alone`;
    yield* guarded(codec, waveChecks(codec, pack, set.codec.codes, set.codec.wave));
    if (pack.encoders && set.audio) {
      const encoders = `${name}: encoders`;
      yield* guarded(encoders, encoderChecks(encoders, pack, set.audio));
    }
    yield* caseChecks({ ...options, name, checkpoint, pack }, { cases, audio: set.audio });
  } finally {
    await pack.close();
  }
}

async function* caseChecks(
  subject: Subject,
  { cases, audio }: Pick<ReferenceSet, "cases" | "audio">,
): AsyncGenerator<Check> {
  if (cases.length === 0) return;
  const { name, pack } = subject;
  const speech = await openSpeechChecks(subject);
  const prepared: PreparedCase[] = [];
  async function* checksOf(reference: ReferenceCase): AsyncGenerator<Check> {
    const ready = await prepareCase(pack, reference, audio);
    prepared.push(ready);
    yield* promptChecks(pack.tokenizer, ready);
    yield* speech.ofCase(ready);
    yield* waveChecks(reference.name, pack, reference.codes, reference.wave, ready.after);
  }
  try {
    for (const reference of cases) yield* guarded(reference.name, checksOf(reference));
    yield* guarded(name, speech.ofAll(prepared));
  } finally {
    await speech.close();
  }
}

async function openSpeechChecks(subject: Subject): Promise<SpeechChecks> {
  const { name, checkpoint, directory, device = "cpu", threads, pack, precision } = subject;
  const options = { checkpoint, directory, device, threads, pad: pack.embedder.pad };
  const open = (of: Precision) => openProbe({ ...options, precision: of });
  const exact = await open("float32");
  if (precision === "float32") return exactSpeechChecks(pack, exact);
  const quantized = await open(precision);
  const measuring =
    precision === "float16"
      ? await openProbe({ ...options, precision, measures: true })
      : undefined;
  return quantizedSpeechChecks({ name, pack, precision, exact, quantized, measuring });
}
