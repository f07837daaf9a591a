import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Engine } from "../../origin/engine/engine.ts";
import { planSpeech } from "../../origin/speech/plan.ts";
import { speak as speakFrames } from "../../origin/speech/speak.ts";
import { type AudioFormat, formatNames } from "../../shared/formats.ts";
import { speechRequestSchema } from "../../shared/speech-request.ts";
import { demuxerOptions } from "../support/encodings.ts";
import { decode, hasFfmpeg, withFfmpeg } from "../support/ffmpeg.ts";
import { hello, postSpeech } from "../support/speech.ts";
import { startSystem, type TestSystem } from "../support/system.ts";

const input =
  "The quick brown fox jumps over the lazy dog, and then it runs all the way back again.";

let system: TestSystem;

beforeAll(async () => {
  process.env.BUILTIN_PACE = "2";
  system = await startSystem();
  // What a process loads with its first answer in a format is not what is measured here.
  await Promise.all(formatNames.map((format) => listen(format, "Hi.")));
});

afterAll(async () => {
  delete process.env.BUILTIN_PACE;
  await system.close();
});

function engine() {
  const { builtin } = system.origin.engines;
  if (!builtin) throw new Error("no engine");
  return builtin;
}

/** What has arrived, and how many chunks had been spoken by then. */
async function listen(format: AudioFormat, text: string) {
  const before = engine().counters.chunks;
  const arrivals: { chunks: number; bytes: number }[] = [];
  let received = Buffer.of();
  const answer = await postSpeech(system.url, { input: text, response_format: format });
  expect(answer.status).toBe(200);
  for await (const part of answer.body ?? []) {
    received = Buffer.concat([received, part]);
    const chunks = engine().counters.chunks - before;
    arrivals.push({ chunks, bytes: received.byteLength });
  }
  return { received, arrivals };
}

// One after the other, so that what has been spoken has been spoken for this listener.
describe.skipIf(!hasFfmpeg)(withFfmpeg("with an engine at twice real time, a client has"), () => {
  it.each(formatNames)("100 ms of sound as %s when a quarter has been spoken", async (format) => {
    const { received, arrivals } = await listen(format, input);
    const quarter = (arrivals.at(-1)?.chunks ?? 0) / 4;
    const bytes = arrivals.findLast(({ chunks }) => chunks <= quarter)?.bytes ?? 0;
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThan(received.byteLength / 2);
    const beginning = received.subarray(0, bytes);
    const { pcm, sampleRate } = await decode(beginning, demuxerOptions(format), { cut: true });
    expect(pcm.length / sampleRate).toBeGreaterThanOrEqual(0.1);
  });
});

it.each([
  ["pcm", 1],
  ["wav", 1],
  ["mp3", 3],
  ["opus", 3],
  ["ogg", 3],
  ["aac", 3],
  ["flac", 4],
] as const)("the first bytes of %s need no more than %i chunks of 80 ms", async (format, most) => {
  let taken = 0;
  const counted: Engine = {
    ...engine(),
    sampleRate: engine().sampleRate,
    async *synthesize(utterance, signal) {
      const chunks = engine().synthesize(utterance, signal);
      for (;;) {
        const chunk = await chunks.next();
        if (chunk.done) return chunk.value;
        taken++;
        yield chunk.value;
      }
    },
  };
  const request = speechRequestSchema.parse({ ...hello, input, response_format: format });
  const frames = speakFrames(await planSpeech(request), counted, new AbortController().signal);
  expect((await frames.next()).value).toMatchObject({ kind: "audio" });
  expect(taken).toBeGreaterThan(0);
  expect(taken).toBeLessThanOrEqual(most);
  await frames.return();
});
