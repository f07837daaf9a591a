import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { base64AnswerSchema, speechStreamEventSchema } from "../../shared/answers.ts";
import { defaultSampleRate, formatNames } from "../../shared/formats.ts";
import { demuxerOptions, lengthHeaderBytes, traits } from "../support/encodings.ts";
import { decode, hasFfmpeg, withFfmpeg } from "../support/ffmpeg.ts";
import { askForFrames, postSpeech } from "../support/speech.ts";
import { startSystem, type TestSystem } from "../support/system.ts";

type Deliver = (fields: Record<string, unknown>) => Promise<Buffer>;

/** The ways in which a client can have the same file from the edge. */
const deliveries: Record<string, Deliver> = {
  async audio(fields) {
    return Buffer.from(await (await postSpeech(system.url, fields)).arrayBuffer());
  },
  async sse(fields) {
    const answer = await postSpeech(system.url, { ...fields, stream_format: "sse" });
    const events = (await answer.text()).split("\n\n").filter(Boolean);
    const parsed = events.map((event) =>
      speechStreamEventSchema.parse(JSON.parse(event.replace(/^data: /, ""))),
    );
    expect(parsed.at(-1)?.type).toBe("speech.audio.done");
    const packets = parsed.flatMap((event) =>
      event.type === "speech.audio.delta" ? [Buffer.from(event.audio, "base64")] : [],
    );
    return Buffer.concat(packets);
  },
  async base64(fields) {
    const answer = await postSpeech(system.url, fields, { path: "/v1/audio/speech/base64" });
    return Buffer.from(base64AnswerSchema.parse(await answer.json()).audio, "base64");
  },
};

const speeds = [0.25, 1, 4];

let system: TestSystem;
let normalSeconds: number;

beforeAll(async () => {
  system = await startSystem();
  const { end } = await askForFrames(system.origin.url, { response_format: "pcm" });
  normalSeconds = end.samples / end.sample_rate;
});

afterAll(() => system.close());

describe.skipIf(!hasFfmpeg)(withFfmpeg("the file lasts as long as it should"), () => {
  it.each(formatNames.flatMap((format) => speeds.map((speed) => [format, speed] as const)))(
    "as %s at speed %d, as audio, events and base64",
    async (response_format, speed) => {
      const fields = { response_format, speed };
      const { audio, end } = await askForFrames(system.origin.url, fields);
      const expected = normalSeconds / speed;
      const seconds = end.samples / end.sample_rate;
      expect(Math.abs(seconds - expected)).toBeLessThan(0.01 * expected + 0.02);

      for (const [name, deliver] of Object.entries(deliveries)) {
        const file = await deliver(fields);
        // A whole file states its length, a stream cannot.
        const header = lengthHeaderBytes[response_format] ?? 0;
        expect(file.subarray(header).equals(audio.subarray(header)), name).toBe(true);
      }

      const { pcm, sampleRate } = await decode(audio, demuxerOptions(response_format));
      const { delaySamples, tailSamples } = traits[response_format];
      const surplus = (pcm.length * end.sample_rate) / sampleRate - end.samples;
      expect(surplus).toBeGreaterThan(-1);
      expect(surplus).toBeLessThanOrEqual(delaySamples + tailSamples + 1);
    },
  );
});

describe.skipIf(!hasFfmpeg)(
  withFfmpeg("a text without anything to hear is a moment of silence"),
  () => {
    it.each(formatNames)("as %s, as audio, events and base64, and says so", async (format) => {
      const fields = { input: "...", response_format: format, speed: 4, trim_silence: true };
      const { end } = await askForFrames(system.origin.url, fields);
      const samples = 0.2 * defaultSampleRate(format);
      expect(end).toMatchObject({ finish: "stop", samples, frames: 3, input_tokens: 0 });
      for (const [name, deliver] of Object.entries(deliveries)) {
        const { pcm, sampleRate } = await decode(await deliver(fields), demuxerOptions(format));
        const { delaySamples, tailSamples } = traits[format];
        const seconds = pcm.length / sampleRate;
        expect(seconds, name).toBeGreaterThan(0.199);
        expect(seconds, name).toBeLessThan(0.201 + (delaySamples + tailSamples) / 24_000);
        expect(
          pcm.every((sample) => Math.abs(sample) < 0.001),
          name,
        ).toBe(true);
      }
      for (const path of ["/v1/audio/speech", "/v1/audio/speech/base64"]) {
        for (const stream_format of ["audio", "sse"]) {
          const answer = await postSpeech(system.url, { ...fields, stream_format }, { path });
          await answer.arrayBuffer();
          expect(answer.headers.get("x-speech")).toBe("none");
          expect(answer.headers.get("access-control-expose-headers")).toContain("x-speech");
        }
      }
    });
  },
);
