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
  "The quick brown fox jumps over the lazy dog, and then it runs all the way back again. " +
  "Tomorrow it will do the same, and the day after, for as long as the dog lies there.";

let system: TestSystem;

beforeAll(async () => {
  process.env.BUILTIN_PACE = "2";
  // By its measured speed, an engine held to this pace could not keep up with all formats at once.
  system = await startSystem({ MAX_WAIT_SECONDS: "600" });
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

/** What has arrived, and how many chunks had been spoken by then, for whomever. */
async function listen(format: AudioFormat, text: string) {
  const arrivals: { chunks: number; bytes: number }[] = [];
  let received = Buffer.of();
  const answer = await postSpeech(system.url, { input: text, response_format: format });
  expect(answer.status).toBe(200);
  for await (const part of answer.body ?? []) {
    received = Buffer.concat([received, part]);
    arrivals.push({ chunks: engine().counters.chunks, bytes: received.byteLength });
  }
  return { received, arrivals };
}

describe.skipIf(!hasFfmpeg)(withFfmpeg("with an engine at twice real time, a client has"), () => {
  let before: number;
  let heard: Map<AudioFormat, Awaited<ReturnType<typeof listen>>>;

  // All at the same time and pace: what has been spoken of all of them has been spoken of each.
  beforeAll(async () => {
    before = engine().counters.chunks;
    const listening = formatNames.map(
      async (format) => [format, await listen(format, input)] as const,
    );
    heard = new Map(await Promise.all(listening));
  });

  it.each(formatNames)("100 ms of sound as %s when a quarter has been spoken", async (format) => {
    const { received, arrivals } = heard.get(format) ?? { received: Buffer.of(), arrivals: [] };
    const quarter = before + (engine().counters.chunks - before) / 4;
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
