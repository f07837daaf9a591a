import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Engine } from "../../origin/engine/engine.ts";
import { planSpeech } from "../../origin/speech/plan.ts";
import { speak as speakFrames } from "../../origin/speech/speak.ts";
import { type AudioFormat, formatNames } from "../../shared/formats.ts";
import { speechRequestSchema } from "../../shared/speech-request.ts";
import { childWith } from "../support/child-processes.ts";
import { demuxerOptions } from "../support/encodings.ts";
import { decode, hasFfmpeg, withFfmpeg } from "../support/ffmpeg.ts";
import { failureOf, listen } from "../support/listening.ts";
import { hello, pangrams, postSpeech } from "../support/speech.ts";
import { startSystem, type TestSystem } from "../support/system.ts";

let system: TestSystem;

beforeAll(async () => {
  process.env.BUILTIN_PACE = "1";
  system = await startSystem();
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

/** Resolves when the engine has nothing more to say to those who have left. */
async function leftAlone(): Promise<void> {
  const metrics = async () => (await fetch(`${system.origin.url}/metrics`)).text();
  await expect.poll(metrics).toMatch(/^tts_active_streams 0$/m);
  // It takes messages in their order: what comes after a cancelled utterance is not said before it has ended.
  await listen(engine(), {});
}

async function secondsOf(file: Buffer, format: AudioFormat): Promise<number> {
  if (file.byteLength === 0) return 0;
  const { pcm, sampleRate } = await decode(file, demuxerOptions(format), { cut: true });
  return pcm.length / sampleRate;
}

// One after the other, so that what has been spoken has been spoken for this listener.
describe.skipIf(!hasFfmpeg)(
  withFfmpeg("of an engine that stops after a second, a client has"),
  () => {
    it.each(formatNames)("100 ms of sound as %s", async (format) => {
      await leftAlone();
      const before = engine().counters.chunks;
      const spokenSeconds = () => 0.08 * (engine().counters.chunks - before);
      const stop = new AbortController();
      const fields = { input: pangrams, response_format: format };
      const { body } = await postSpeech(system.url, fields, { signal: stop.signal });
      let received = Buffer.of();
      const reading = failureOf(
        (async () => {
          for await (const part of body ?? []) received = Buffer.concat([received, part]);
        })(),
      );

      await expect.poll(spokenSeconds, { interval: 10 }).toBeGreaterThan(1);
      const pid = childWith("builtin/child");
      process.kill(pid, "SIGSTOP");
      try {
        await expect.poll(() => secondsOf(received, format)).toBeGreaterThanOrEqual(0.1);
        // Of fourteen.
        expect(spokenSeconds()).toBeLessThan(7);
      } finally {
        process.kill(pid, "SIGCONT");
        stop.abort();
        await reading;
      }
    });
  },
);

it.each<[AudioFormat, number, object?]>([
  ["pcm", 1],
  // Half a second is heard before its loudness is set.
  ["pcm", 7, { loudness: -19 }],
  ["mp3", 9, { loudness: -19, volume: 3 }],
  ["wav", 1],
  ["mulaw", 1],
  ["alaw", 1],
  ["mp3", 3],
  ["opus", 3],
  ["ogg", 3],
  ["webm", 3],
  ["aac", 3],
  ["flac", 4],
])("the first bytes of %s need no more than %i chunks of 80 ms", async (format, most, fields) => {
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
  const request = speechRequestSchema.parse({
    ...{ ...hello, input: pangrams, response_format: format },
    ...fields,
  });
  const frames = speakFrames(await planSpeech(request), counted, new AbortController().signal);
  expect((await frames.next()).value).toMatchObject({ kind: "audio" });
  expect(taken).toBeGreaterThan(0);
  expect(taken).toBeLessThanOrEqual(most);
  await frames.return();
});
