import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AudioFormat, factsOf, formatNames } from "../../shared/formats.ts";
import { demuxerOptions, traits } from "../support/encodings.ts";
import { decode, hasFfmpeg, withFfmpeg } from "../support/ffmpeg.ts";
import { loudness } from "../support/hearing.ts";
import { askForFrames, hello, pangrams, postSpeech } from "../support/speech.ts";
import { startSystem, type TestSystem } from "../support/system.ts";

let system: TestSystem;
let openai: OpenAI;

beforeAll(async () => {
  system = await startSystem();
  openai = new OpenAI({ baseURL: `${system.url}/v1`, apiKey: "sk-none", maxRetries: 0 });
});

afterAll(() => system.close());

/** What a decoder gives beyond the samples that went in, at most, in samples at 24 kHz. */
function surplusSamples(format: AudioFormat): number {
  const { delaySamples, tailSamples } = traits[format];
  return delaySamples + tailSamples + 1;
}

async function speakWithSdk(fields: Record<string, unknown>): Promise<Buffer> {
  const answer = await openai.audio.speech.create({ ...hello, ...fields });
  return Buffer.from(await answer.arrayBuffer());
}

describe.skipIf(!hasFfmpeg)(withFfmpeg("the OpenAI SDK gets, through the edge,"), () => {
  it.each(formatNames)("%s that decodes to the samples the origin counted", async (format) => {
    const { end, audio } = await askForFrames(system.origin.url, {
      response_format: format,
      input: pangrams,
    });
    const received = await speakWithSdk({ response_format: format, input: pangrams });
    expect(received.equals(audio)).toBe(true);

    const { pcm, sampleRate } = await decode(received, demuxerOptions(format));
    const samples = (pcm.length * end.sample_rate) / sampleRate;
    expect(samples).toBeGreaterThanOrEqual(end.samples);
    expect(samples).toBeLessThanOrEqual(end.samples + surplusSamples(format));
    expect(end.samples / end.sample_rate).toBeGreaterThan(10);
    expect(loudness(pcm)).toBeGreaterThan(0.02);
  });

  it.each([0.25, 0.5, 2, 4])(
    "speech at speed %d that lasts as long as it should",
    async (speed) => {
      const { end: normal } = await askForFrames(system.origin.url, { response_format: "pcm" });
      const received = await speakWithSdk({ response_format: "wav", speed });
      const { pcm } = await decode(received);
      const expected = normal.samples / speed;
      expect(Math.abs(pcm.length - expected)).toBeLessThan(expected * 0.02 + 0.02 * 24_000);
    },
  );

  it("4096 characters as one file, without a gap", async () => {
    const input = "Sphinx of black quartz, judge my vow; pack five dozen jugs. ".repeat(69);
    const body = { input: input.slice(0, 4096), response_format: "mp3" };
    const answer = await postSpeech(system.url, body, { path: "/v1/audio/speech/base64" });
    const { audio, duration_ms } = (await answer.json()) as { audio: string; duration_ms: number };
    const { pcm } = await decode(Buffer.from(audio, "base64"));
    const surplus = pcm.length - duration_ms * 24;
    expect(surplus).toBeGreaterThan(-24);
    expect(surplus).toBeLessThanOrEqual(surplusSamples("mp3") + 24);
    expect(duration_ms).toBeGreaterThan(200_000);
    expect(longestSilenceSeconds(pcm)).toBeLessThan(1);
  });
});

it("sends a streamed wav with unknown sizes, and one inside JSON with exact ones", async () => {
  const streamed = Buffer.from(
    await (await postSpeech(system.url, { response_format: "wav" })).arrayBuffer(),
  );
  expect(streamed.readUInt32LE(4)).toBe(0xffff_ffff);
  expect(streamed.readUInt32LE(40)).toBe(0xffff_ffff);

  const answer = await postSpeech(
    system.url,
    { response_format: "wav" },
    { path: "/v1/audio/speech/base64" },
  );
  const body = (await answer.json()) as { audio: string; duration_ms: number };
  const whole = Buffer.from(body.audio, "base64");
  expect(whole.readUInt32LE(4)).toBe(whole.byteLength - 8);
  expect(whole.readUInt32LE(40)).toBe(whole.byteLength - 44);
  expect(whole.subarray(44).equals(streamed.subarray(44))).toBe(true);
  expect(body.duration_ms).toBe(Math.round((whole.byteLength - 44) / 48));
});

it("sends pcm as 24 kHz signed 16-bit samples without a header", async () => {
  const { audio, end } = await askForFrames(system.origin.url, { response_format: "pcm" });
  expect(end.sample_rate).toBe(24_000);
  expect(audio.byteLength).toBe(end.samples * 2);
});

describe.skipIf(!hasFfmpeg)(withFfmpeg("a file can be had"), () => {
  it.each(
    formatNames.flatMap((format) => {
      const { sampleRates } = factsOf(format);
      return [Math.min(...sampleRates), Math.max(...sampleRates)].map(
        (rate) => [format, rate] as const,
      );
    }),
  )("as %s at %i Hz", async (response_format, sample_rate) => {
    const { answer, audio, end } = await askForFrames(system.origin.url, {
      response_format,
      sample_rate,
    });
    expect(answer.headers.get("x-sample-rate")).toBe(String(sample_rate));
    expect(end.sample_rate).toBe(sample_rate);
    const recording = await decode(audio, demuxerOptions(response_format, sample_rate));
    expect(recording.sampleRate).toBe(traits[response_format].decodedRate ?? sample_rate);
    const seconds = recording.pcm.length / recording.sampleRate;
    // Frames of a codec last the longer the lower the rate.
    const surplusSeconds = surplusSamples(response_format) / sample_rate;
    expect(seconds).toBeGreaterThan(end.samples / sample_rate - 0.001);
    expect(seconds).toBeLessThan(end.samples / sample_rate + surplusSeconds + 0.001);
    expect(loudness(recording.pcm)).toBeGreaterThan(0.02);
  });

  it.each(["mulaw", "alaw"])("as %s, which is the pcm of the same take", async (format) => {
    const fields = { response_format: format, input: pangrams };
    const { audio, answer } = await askForFrames(system.origin.url, fields);
    expect(answer.headers.get("x-sample-rate")).toBe("8000");
    const { pcm: heard } = await decode(audio, ["-f", format, "-ar", "8000"]);
    const exact = { response_format: "pcm", sample_rate: 8_000, input: pangrams };
    const { audio: bytes } = await askForFrames(system.origin.url, exact);
    const { pcm } = await decode(bytes, demuxerOptions("pcm", 8_000));
    expect(heard.length).toBe(pcm.length);
    const noise = loudness(pcm.map((sample, index) => sample - (heard[index] ?? 0)));
    // G.711 has about 38 dB whatever the level.
    expect(20 * Math.log10(loudness(pcm) / noise)).toBeGreaterThan(35);
  });

  it.each([
    ["ULAW", "audio/basic", "speech.ulaw"],
    ["pcmu", "audio/basic", "speech.ulaw"],
    ["g711_ulaw", "audio/basic", "speech.ulaw"],
    [" PCMA", "audio/x-alaw-basic", "speech.alaw"],
    ["g711_alaw", "audio/x-alaw-basic", "speech.alaw"],
  ])("under the other name %j", async (response_format, type, name) => {
    const answer = await postSpeech(system.url, { response_format });
    expect(answer.headers.get("content-type")).toBe(type);
    expect(answer.headers.get("content-disposition")).toBe(`attachment; filename="${name}"`);
    await answer.arrayBuffer();
  });

  it.each([
    ["mp3", 32_000, 128_000],
    ["aac", 32_000, 96_000],
    ["opus", 16_000, 64_000],
  ])("as %s of %i or %i bits per second", async (response_format, low, high) => {
    const [small, large] = await Promise.all(
      [low, high].map(async (bitrate) => {
        const fields = { response_format, bitrate, input: pangrams };
        const { audio, end } = await askForFrames(system.origin.url, fields);
        await decode(audio);
        return (audio.byteLength * 8) / (end.samples / end.sample_rate);
      }),
    );
    expect((small ?? 0) / low).toBeGreaterThan(0.7);
    expect((small ?? 0) / low).toBeLessThan(1.4);
    expect((large ?? 0) / high).toBeGreaterThan(0.7);
    expect((large ?? 0) / high).toBeLessThan(1.4);
  });
});

describe("the OpenAI SDK raises what the edge refuses", () => {
  it.each([
    [{ speed: 5 }, "speed", "invalid_value"],
    [{ voice: "hal" }, "voice", "voice_not_found"],
    [{ model: "tts-9" }, "model", "model_not_found"],
    [{ input: " " }, "input", "string_below_min_length"],
  ])("%j", async (fields, param, code) => {
    const error = await speakWithSdk(fields).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(OpenAI.BadRequestError);
    expect(error).toMatchObject({
      status: 400,
      param,
      code,
      requestID: expect.stringMatching(/^req_/),
    });
  });
});

/** The longest run below -50 dBFS. */
function longestSilenceSeconds(pcm: Float32Array): number {
  let [longest, run] = [0, 0];
  for (const sample of pcm) {
    run = Math.abs(sample) < 0.003 ? run + 1 : 0;
    if (run > longest) longest = run;
  }
  return longest / 24_000;
}
