// A real engine process whose utterances are orders: what it does is known to the sample.
import { existsSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import type { Utterance, UtteranceEnd } from "../../origin/engine/engine.ts";
import { usualPace } from "../../origin/engine/qwen3/duration-bounds.ts";
import { serve } from "../../origin/engine/serve.ts";
import type { VoiceRecording } from "../../origin/voices/voice-prompt.ts";
import { invalidRequest } from "../../shared/api-error.ts";

const chunkSamples = 1920;

const revision = { revision: "0123456789abcdef", releasedAt: 1_700_000_000 };

function block(seconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, seconds * 1000);
}

const kept: Buffer[] = [];
let threadHangs = false;

const orders: Record<string, (argument: string) => void> = {
  block: (seconds) => block(Number(seconds)),
  "block-until": (path) => {
    while (!existsSync(path)) block(0.01);
  },
  keep: (megabytes) => void kept.push(Buffer.alloc(Number(megabytes) * 1e6, 1)),
  "hang-thread": () => {
    threadHangs = true;
  },
  exit: (code) => process.exit(Number(code)),
  crash: () => {
    throw new Error("a secret of the engine's");
  },
  refuse: () => {
    throw invalidRequest("too_long", "input must be shorter", "input");
  },
  "tell-variables": () => {
    throw invalidRequest("variables", Object.keys(process.env).sort().join(" "));
  },
};

/**
 * "tone 5" yields 5 chunks, each filled with its number, and "slow 5" one every 20 ms, or as many as a second number says.
 * "spoilt NaN" yields one like these and another with a sample that is that.
 * Other orders make no sound.
 */
async function* synthesize({ text }: Utterance): AsyncGenerator<Float32Array, UtteranceEnd> {
  const [order = "", argument = "1", milliseconds = "20"] = text.split(" ");
  if (order === "tone" || order === "slow") {
    for (let i = 0; i < Number(argument); i++) {
      if (order === "slow") await wait(Number(milliseconds));
      yield new Float32Array(chunkSamples).fill(i);
    }
  } else if (order === "spoilt") {
    yield new Float32Array(chunkSamples);
    yield new Float32Array(chunkSamples).fill(Number(argument), 700, 701);
  } else orders[order]?.(argument);
  return { finish: "stop", inputTokens: text.length, instructionTokens: 0 };
}

/** What is to become of a recording, by its first sample; any other makes a vector of its samples. */
const recordingOrders = new Map<number | undefined, (signal: AbortSignal) => Promise<void>>([
  [-1, (signal) => new Promise((resolve) => signal.addEventListener("abort", () => resolve()))],
  [-2, () => process.exit(1)],
  [-3, () => Promise.reject(invalidRequest("too_short", "recording must be longer", "recording"))],
]);
let stopped = 0;

async function encodeVoice({ samples, withCodes }: VoiceRecording, signal: AbortSignal) {
  await recordingOrders.get(samples[0])?.(signal);
  if (signal.aborted) stopped++;
  const codes = withCodes ? Uint16Array.of(stopped) : null;
  return { xVector: samples, codes, frames: withCodes ? 1 : 0, encoder: "tone" };
}

// A process that would end by itself when its channel closes proves nothing.
setInterval(() => {}, 60_000);

await serve(async () => {
  await wait(Number(process.env.START_SECONDS ?? 0) * 1000);
  if (process.env.START_EXIT) process.exit(Number(process.env.START_EXIT));
  if (process.env.START_ERROR) throw new Error(process.env.START_ERROR);
  return {
    announcement: {
      sampleRate: 24_000,
      ignoredFields: ["seed"],
      segmentLimits: null,
      pace: usualPace,
      keyValues: null,
      encodesVoices: true,
      models: {
        "qwen3-tts-12hz-0.6b-base": revision,
        "qwen3-tts-12hz-0.6b-custom-voice": revision,
        "qwen3-tts-12hz-1.7b-base": revision,
      },
    },
    synthesize,
    answered: () => (threadHangs ? new Promise(() => {}) : Promise.resolve()),
    encodeVoice,
  };
});
