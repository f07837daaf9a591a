// What a cloned voice costs: to encode a recording, and to speak with it for the first time and again.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Utterance } from "../../origin/engine/engine.ts";
import { createQwen3Engine } from "../../origin/engine/qwen3/engine.ts";
import type { SupervisedEngine } from "../../origin/engine/supervisor.ts";
import type { Precision } from "../../origin/model/generate/precision.ts";
import { buildPack } from "../../origin/model/pack/build-pack.ts";
import { readManifest } from "../../origin/model/pack/manifest.ts";
import { describeMachine } from "../../origin/process/machine.ts";
import type { EncodedVoice, VoicePrompt } from "../../origin/voices/voice-prompt.ts";
import { createRandom } from "../support/random.ts";
import { type CheckpointOptions, writeCheckpoint } from "./checkpoint/write-checkpoint.ts";

export interface VoicesOptions extends CheckpointOptions {
  precision: Precision;
  /** One that is there already, instead of a new one. */
  checkpoint: string | undefined;
}

const sampleRate = 24_000;
const recordingSeconds = [10, 60];
const text = "The ferry leaves at noon, and we still have to pack.";
/** About as much as is said in ten seconds. */
const said =
  "This is what somebody says in ten seconds, more or less, and it goes on to the end of the line. ";
const anySignal = new AbortController().signal;

/** Prints a Markdown table. */
export async function measureVoices(options: VoicesOptions): Promise<void> {
  const { size, precision, checkpoint } = options;
  const room = mkdtempSync(join(tmpdir(), "bench-voices-"));
  process.once("exit", () => rmSync(room, { recursive: true, force: true }));
  const { processor, cores, node, onnxruntime } = describeMachine();
  tell(`${processor}, ${cores} cores, Node ${node}, ONNX Runtime ${onnxruntime}`);
  const folder = checkpoint ?? join(room, "checkpoint");
  if (!checkpoint) writeCheckpoint(folder, options);
  const modelsDirectory = join(room, "models");
  const pack = await buildPack({ folder, precision, modelsDirectory, selfTest: false });
  tell(`| ${size} base, ${precision} | |\n| --- | ---: |`);

  const engine = createQwen3Engine({ packFolder: pack });
  await engine.started();
  const { model } = readManifest(pack);
  tell(`| memory when loaded | ${inMegabytes(engine.memoryBytes)} |`);
  // Whatever it says first, an engine takes its time.
  const vectorOnly = await encode(engine, { model }, recordingOf(3));
  await firstSound(engine, utteranceOf(model, promptOf(vectorOnly, null)));
  for (const seconds of recordingSeconds) {
    const since = performance.now();
    const voice = await encode(engine, { model, withCodes: true }, recordingOf(seconds));
    tell(`| a recording of ${seconds} s encoded in | ${inSeconds(performance.now() - since)} |`);
    for (const [kind, prompt] of [
      ["x-vector only", promptOf(voice, null)],
      ["in context", promptOf(voice, said.repeat(seconds / 10))],
    ] as const) {
      for (const time of ["first", "second", "third"]) {
        const milliseconds = await firstSound(engine, utteranceOf(model, prompt));
        tell(`| ${kind}, first sound of the ${time} utterance | ${inSeconds(milliseconds)} |`);
      }
    }
    tell(`| memory when it has spoken | ${inMegabytes(engine.memoryBytes)} |`);
  }
  await engine.close();
}

function encode(
  engine: SupervisedEngine,
  { model, withCodes = false }: { model: Utterance["model"]; withCodes?: boolean },
  samples: Float32Array,
): Promise<EncodedVoice> {
  if (!engine.encodeVoice) throw new Error("the engine clones no voices");
  return engine.encodeVoice(model, { samples, withCodes }, anySignal);
}

/** Milliseconds from the request to the first chunk; the rest is heard, to be in nobody's way. */
async function firstSound(engine: SupervisedEngine, utterance: Utterance): Promise<number> {
  const since = performance.now();
  const speech = engine.synthesize(utterance, anySignal);
  await speech.next();
  const milliseconds = performance.now() - since;
  while (!(await speech.next()).done);
  return milliseconds;
}

function promptOf({ xVector, codes, frames }: EncodedVoice, spoken: string | null): VoicePrompt {
  const reference = codes && spoken !== null ? { codes, frames, text: spoken } : null;
  return { digest: `${frames} ${spoken}`, xVector, reference };
}

function utteranceOf(model: Utterance["model"], voice: VoicePrompt): Utterance {
  return {
    model,
    text,
    speaker: null,
    mix: null,
    voice,
    language: "english",
    instructions: null,
    sampling: {},
    seed: 1,
    retryable: false,
  };
}

/** Noise; how long it takes does not hang on what is heard. */
function recordingOf(seconds: number): Float32Array {
  const random = createRandom(seconds);
  return Float32Array.from({ length: seconds * sampleRate }, () => 0.2 * (random() - 0.5));
}

const inSeconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(2)} s`;
const inMegabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;

function tell(line: string): void {
  process.stdout.write(`${line}\n`);
}
