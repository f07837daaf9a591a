import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Origin } from "../../origin/http/server.ts";
import { base64AnswerSchema } from "../../shared/answers.ts";
import { formatNames } from "../../shared/formats.ts";
import { type CuttingProxy, startCuttingProxy } from "../support/cutting-proxy.ts";
import { type Edge, startEdge } from "../support/edge.ts";
import { speech } from "../support/edge-speech.ts";
import { lengthHeaderBytes } from "../support/encodings.ts";
import { decode, hasFfmpeg, statedSeconds, withFfmpeg } from "../support/ffmpeg.ts";
import { endOf } from "../support/speech-end.ts";
import { startTestOrigin } from "../support/system.ts";

const base = { model: "tts-1-hd", voice: "alloy", input: "Hello, world!", response_format: "mp3" };

let origin: Origin;
let proxy: CuttingProxy;
let edge: Edge;

beforeAll(async () => {
  origin = await startTestOrigin({ ENGINE: "builtin" });
  proxy = await startCuttingProxy(origin.url);
  edge = await startEdge({
    ORIGIN_URLS: proxy.url,
    AUDIO: "audio",
    FLIGHTS: true,
    URL_SIGNING_SECRET: "a secret of at least thirty-two characters",
  });
});

afterAll(async () => {
  await edge.close();
  await origin.close();
});

const utterances = () => origin.engines.builtin?.counters.utterances ?? 0;

async function ask(fields: Record<string, unknown>, options = {}) {
  const before = { requests: proxy.requests, utterances: utterances() };
  const answer = await speech(edge.url, { ...base, ...fields }, options);
  return {
    ...answer,
    cache: answer.headers["x-cache"],
    requests: proxy.requests - before.requests,
    utterances: utterances() - before.utterances,
  };
}

describe("what was spoken once", () => {
  it.each(formatNames)("is not spoken again, as %s", async (format) => {
    const request = { response_format: format };
    const first = await ask(request);
    expect(first).toMatchObject({ status: 200, cache: "MISS", requests: 1, utterances: 1 });

    const second = await ask(request);

    expect(second).toMatchObject({ status: 200, cache: "HIT", requests: 0, utterances: 0 });
    expect(second.headers["content-type"]).toBe(first.headers["content-type"]);
    expect(second.headers["x-seed"]).toBe(first.headers["x-seed"]);
    const header = lengthHeaderBytes[format] ?? 0;
    expect(second.body.subarray(header).equals(first.body.subarray(header))).toBe(true);
    expect(second.headers.etag).toBe(`"${endOf(second.body).sha256}"`);
  });

  it.each(["wav", "flac", "webm"])(
    "is told as base64 with the same header, as %s",
    async (format) => {
      const request = { response_format: format, input: `How long is this as ${format}?` };
      const path = { path: "/v1/audio/speech/base64" };
      const told = base64AnswerSchema.parse(JSON.parse((await ask(request, path)).body.toString()));
      const { body, cache } = await ask(request);
      expect(cache).toBe("HIT");
      expect(Buffer.from(told.audio, "base64").equals(body)).toBe(true);
    },
  );

  it.each(["wav", "flac", "webm", "mp3", "mulaw"])(
    "is the same whole file from everywhere when it is not to be streamed, as %s",
    async (response_format) => {
      const fields = { response_format, input: `Not as a stream, as ${response_format}.` };
      const whole = { ...fields, stream: false };
      const told = { path: "/v1/audio/speech/base64" };
      const miss = await ask(whole);
      expect(miss).toMatchObject({ status: 200, cache: "MISS", requests: 1 });
      expect(miss.headers["content-length"]).toBe(String(miss.body.byteLength));
      expect(miss.headers).not.toHaveProperty("transfer-encoding");

      const hits = [await ask(whole), await ask(fields)];
      const link = edge.url + miss.headers["content-location"];
      const files = [
        ...hits.map(({ body }) => body),
        Buffer.from(await (await fetch(link)).arrayBuffer()),
        Buffer.from(JSON.parse((await ask(whole, told)).body.toString()).audio, "base64"),
        (await ask(whole, { headers: { "cache-control": "no-store" } })).body,
      ];
      expect(hits).toMatchObject([
        { cache: "HIT", requests: 0 },
        { cache: "HIT", requests: 0 },
      ]);
      for (const [i, file] of files.entries()) expect(file.equals(miss.body), `${i}`).toBe(true);
      const part = await fetch(link, { headers: { range: "bytes=0-299" } });
      expect(part.status).toBe(206);
      const beginning = Buffer.from(await part.arrayBuffer());
      expect(beginning.equals(miss.body.subarray(0, 300))).toBe(true);
    },
  );

  it("is events when both events and no stream are asked for", async () => {
    const { headers, body } = await ask({ stream: false, stream_format: "sse" });
    expect(headers["content-type"]).toContain("text/event-stream");
    expect(body.toString()).toContain('"speech.audio.done"');
  });

  it("is not kept when there was nothing to hear, at the edge or under an address", async () => {
    for (const _ of [1, 2]) {
      const { cache, requests, headers } = await ask({ input: "…" });
      expect({ cache, requests }).toEqual({ cache: "MISS", requests: 1 });
      expect(headers).toMatchObject({ "x-speech": "none" });
      expect(headers["content-location"]).toBeUndefined();
    }
  });

  it("says how long it is, as wav", async () => {
    await ask({ response_format: "wav" });
    const { body, cache } = await ask({ response_format: "wav" });
    expect(cache).toBe("HIT");
    expect(body.readUInt32LE(4)).toBe(body.byteLength - 8);
    expect(body.readUInt32LE(40)).toBe(body.byteLength - 44);
  });

  it.skipIf(!hasFfmpeg).each(["flac", "webm"])(
    withFfmpeg("says how long it is, as %s"),
    async (response_format) => {
      const first = await ask({ response_format, seed: 5 });
      expect(await statedSeconds(first.body)).toBeUndefined();
      const { body, cache } = await ask({ response_format, seed: 5 });
      expect(cache).toBe("HIT");
      const { pcm, sampleRate } = await decode(body);
      const seconds = pcm.length / sampleRate;
      expect(await statedSeconds(body)).toBeCloseTo(seconds, 4);
    },
  );

  it.each<Record<string, unknown>>([
    { model: "gpt-4o-mini-tts" },
    { model: "qwen3-tts-12hz-1.7b-custom-voice" },
    { model: "TTS-1-HD" },
    { voice: "Vivian" },
    { voice: "ALLOY" },
    { voice: { id: "alloy" } },
    { response_format: undefined },
    { speed: 1, sample_rate: 24_000, bitrate: 64_000, trim_silence: false, language: "auto" },
    { volume: 0, loudness: null },
    { instructions: " ", seed: null, temperature: null },
    { stream: true, stream_format: "audio", user: "somebody" },
  ])("is found however it is asked for: %j", async (fields) => {
    await ask({});
    expect(await ask(fields)).toMatchObject({ status: 200, cache: "HIT", requests: 0 });
  });

  it("is found in whichever form of Unicode it is asked for", async () => {
    const [input, instructions] = ["Amélie, ich möchte gehört werden.", "Très doux."];
    await ask({ input, instructions });
    const decomposed = {
      input: input.normalize("NFD"),
      instructions: instructions.normalize("NFD"),
    };
    expect(decomposed.input).not.toBe(input);
    expect(await ask(decomposed)).toMatchObject({ status: 200, cache: "HIT", requests: 0 });
  });

  it.each<Record<string, unknown>>([
    { model: "tts-1" },
    { model: "tts-1-hd-en" },
    { voice: "ash" },
    { input: "Hello, World!" },
    { response_format: "ogg", bitrate: 24_000 },
    { speed: 1.01 },
    { sample_rate: 16_000 },
    { bitrate: 32_000 },
    { trim_silence: true },
    { volume: 3 },
    { loudness: -19 },
    { language: "es" },
    { instructions: "Softly." },
    { segmentation: "off" },
    { seed: 0 },
    { temperature: 0.5 },
    { top_k: 5 },
    { top_p: 0.5 },
    { repetition_penalty: 1.5 },
  ])("is not taken for what sounds different: %j", async (fields) => {
    expect(await ask(fields)).toMatchObject({ status: 200, cache: "MISS", requests: 1 });
  });
});

it("fifty at once are one synthesis and fifty equal files", async () => {
  const before = utterances();
  const input = "Fifty people would like to hear this.";
  const answers = await Promise.all(Array.from({ length: 50 }, () => ask({ input })));
  expect(utterances() - before).toBe(1);
  const [first] = answers;
  expect(first?.body.byteLength).toBeGreaterThan(1000);
  for (const { status, ended, body } of answers) {
    expect({ status, ended }).toEqual({ status: 200, ended: "complete" });
    expect(body.equals(first?.body ?? Buffer.of())).toBe(true);
  }
});

describe("an answer that is cut", () => {
  const points = Array.from({ length: 10 }, (_, point) => point / 9);

  it.each(["reset", "clean"] as const)(
    "by a %s end at any of ten points fails, is not kept, and is spoken anew",
    async (how) => {
      for (const point of points) {
        const fields = { input: "Cut.", seed: points.indexOf(point) + (how === "reset" ? 0 : 10) };
        await ask(fields, { headers: { "cache-control": "no-store" } });
        proxy.cut(Math.floor((proxy.passedBytes - 1) * point), how);
        const cut = await ask(fields);
        proxy.mend();
        if (cut.status === 200) expect(cut.ended).toBe("reset");
        else expect(JSON.parse(cut.body.toString()).error.type).toBe("server_error");
        const next = await ask(fields);
        expect(next).toMatchObject({ status: 200, ended: "complete", cache: "MISS", requests: 1 });
      }
    },
  );
});

it("without an origin hits are served, and misses are an error in JSON", async () => {
  const input = "This is to be heard for long.";
  const { body } = await ask({ input });
  await expect.poll(async () => (await ask({ input })).cache).toBe("HIT");
  await proxy.close();

  const found = await ask({ input });
  expect(found).toMatchObject({ status: 200, cache: "HIT" });
  expect(found.body.equals(body)).toBe(true);
  const missed = await ask({ input: "Nobody has said this before." });
  expect(missed.status).toBe(503);
  expect(JSON.parse(missed.body.toString()).error.code).toBe("origin_unreachable");
});
