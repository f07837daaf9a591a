import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { base64AnswerSchema } from "../../../shared/answers.ts";
import type { SpeechEnd } from "../../../shared/frames/frame.ts";
import { wavHeader } from "../../../shared/wav-header.ts";
import { type Edges, startEdges } from "../../support/edge.ts";
import { sendSpeech, speech } from "../../support/edge-speech.ts";
import { type FramesOrigin, startFramesOrigin } from "../../support/frames-origin.ts";
import {
  answerWith,
  breakOff,
  endOf,
  framesOf,
  noise,
  speak,
} from "../../support/frames-origin-behaviours.ts";
import { makeKey, type TestKey } from "../../support/keys.ts";

const audio = noise(50_000);
const smallMaxBytes = 1_000_000;

let origin: FramesOrigin;
let edges: Edges<"alone" | "flights" | "off" | "orphan" | "keys" | "large">;
let plain: TestKey;
let refresher: TestKey;
let inputs = 0;
let input: string;

/** A text that no other test says. */
function newInput(): string {
  return `Text number ${inputs++}.`;
}

beforeAll(async () => {
  origin = await startFramesOrigin();
  const settings = { ORIGIN_URLS: origin.url, CACHE_MAX_BYTES: String(smallMaxBytes) };
  plain = await makeKey();
  refresher = await makeKey({ scopes: ["speech", "refresh"] });
  const API_KEYS = JSON.stringify([plain.record, refresher.record]);
  edges = await startEdges({
    alone: { ...settings, AUDIO: "alone" },
    flights: { ...settings, AUDIO: "flights", FLIGHTS: true },
    orphan: { AUDIO: "alone" },
    keys: { ...settings, AUDIO: "alone", AUTH: "keys", API_KEYS },
    large: { ORIGIN_URLS: origin.url, AUDIO: "large", CACHE_MAX_BYTES: "20000000" },
    off: { ...settings, AUDIO: "alone", CACHE_TTL_SECONDS: "0" },
  });
});

afterAll(async () => {
  await edges.close();
  await origin.close();
});

beforeEach(() => {
  input = newInput();
  says(audio);
});

function says(bytes: Uint8Array<ArrayBuffer>, end: Partial<SpeechEnd> = {}): void {
  origin.behave(speak(() => framesOf(bytes, { end })));
}

/** Asks, and says how often the origin was asked meanwhile. */
async function ask(edge: "alone" | "flights" | "off", fields = {}, options = {}) {
  const before = origin.orders.length;
  const answer = await speech(edges.urls[edge], { input, ...fields }, options);
  return { ...answer, orders: origin.orders.length - before };
}

/** Asks until the answer comes from the cache, as it does soon after the first has ended. */
async function hit(edge: "alone" | "flights", fields = {}, options = {}) {
  let answer = await ask(edge, fields, options);
  await expect
    .poll(async () => {
      answer = await ask(edge, fields, options);
      return answer.headers["x-cache"];
    })
    .toBe("HIT");
  return answer;
}

describe.each(["alone", "flights"] as const)("with %s", (edge) => {
  test("a second identical request gets the same bytes without the origin", async () => {
    const first = await ask(edge);
    expect(first).toMatchObject({ status: 200, ended: "complete", orders: 1 });
    expect(first.headers).toMatchObject({
      "x-cache": "MISS",
      "cache-status": "qwen3-tts-edge; fwd=miss",
      "cache-control": "private, no-cache",
    });

    const second = await hit(edge);

    expect(second).toMatchObject({ status: 200, ended: "complete", orders: 0 });
    expect(second.body.equals(audio)).toBe(true);
    expect(second.headers).toMatchObject({
      "x-cache": "HIT",
      "cache-status": expect.stringMatching(/^qwen3-tts-edge; hit; ttl=25(92000|919\d\d)$/),
      age: expect.stringMatching(/^\d\d?$/),
      etag: `"${endOf(audio).sha256}"`,
      "content-length": "50000",
    });
  });

  test("a hit has the headers of the miss before it, and some of its own", async () => {
    const request = { temperature: 1, user: "u" };
    const ignored = { "x-ignored-fields": "user, temperature" };
    origin.behave(speak(() => framesOf(audio), ignored));
    const { headers: miss } = await ask(edge, request);
    const { headers: found } = await hit(edge, request);

    const own = ["x-cache", "cache-status", "x-request-id", "date", "age", "etag"];
    const framing = ["content-length", "transfer-encoding"];
    const common = (headers: typeof miss) =>
      Object.fromEntries(
        Object.entries(headers).filter(([name]) => ![...own, ...framing].includes(name)),
      );
    expect(common(found)).toEqual(common(miss));
    expect(found).toMatchObject(ignored);
  });

  test("another's unknown fields are not said to be this request's", async () => {
    origin.behave(speak(() => framesOf(audio), { "x-ignored-fields": "user, temperature" }));
    await ask(edge, { temperature: 1, user: "u" });
    const { headers } = await hit(edge, { temperature: 1, metadata: {} });
    expect(headers["x-ignored-fields"]).toBe("metadata, temperature");
  });

  test("one stored file answers audio, events and base64", async () => {
    await ask(edge);
    await hit(edge);

    const events = await ask(edge, { stream_format: "sse" });
    expect(events).toMatchObject({ orders: 0, headers: { "x-cache": "HIT" } });
    const told = events.body
      .toString()
      .split("\n\n")
      .filter((event) => event !== "")
      .map((event) => JSON.parse(event.replace(/^data: /, "")));
    expect(told.pop()).toMatchObject({ type: "speech.audio.done", usage: { total_tokens: 18 } });
    const deltas = told.map((event) => Buffer.from(event.audio, "base64"));
    expect(deltas.length).toBeGreaterThan(1);
    expect(Buffer.concat(deltas).equals(audio)).toBe(true);

    const json = await ask(edge, {}, { path: "/v1/audio/speech/base64" });
    expect(json).toMatchObject({ orders: 0, headers: { "x-cache": "HIT" } });
    const answer = base64AnswerSchema.parse(JSON.parse(json.body.toString()));
    expect(answer).toMatchObject({ duration_ms: 1000, usage: { total_tokens: 18 } });
    expect(Buffer.from(answer.audio, "base64").equals(audio)).toBe(true);
  });

  test.each([
    ["events", { stream_format: "sse" }, {}],
    ["base64", {}, { path: "/v1/audio/speech/base64" }],
  ])("a file that was first told as %s is stored as well", async (_how, fields, options) => {
    await ask(edge, fields, options);
    const { body, headers } = await hit(edge);
    expect(body.equals(audio)).toBe(true);
    expect(headers["content-length"]).toBe("50000");
  });

  test("a WAV file is stored with its true sizes, under the digest of what is stored", async () => {
    const samples = noise(40_000);
    says(Uint8Array.from([...wavHeader(24_000), ...samples]));
    const first = await ask(edge, { response_format: "wav" });
    expect(first.body.readUInt32LE(40)).toBe(0xffff_ffff);

    const { body, headers } = await hit(edge, { response_format: "wav" });

    expect(body.readUInt32LE(4)).toBe(40_036);
    expect(body.readUInt32LE(40)).toBe(40_000);
    expect(body.subarray(44).equals(samples)).toBe(true);
    expect(headers.etag).toBe(`"${endOf(body).sha256}"`);
  });

  test.each([
    ["does not reach its end frame", breakOff(() => framesOf(audio), 30_000, "reset")],
    ["ends cleanly without an end frame", breakOff(() => framesOf(audio), 30_000, "clean")],
    [
      "does not match its digest",
      speak(() => framesOf(audio, { end: { sha256: "0".repeat(64) } })),
    ],
    ["ran into its ceiling", speak(() => framesOf(audio, { end: { finish: "length" } }))],
    ["is too large", speak(() => framesOf(noise(smallMaxBytes + 1)))],
    ["says no-store", speak(() => framesOf(audio), { "cache-control": "private, no-store" })],
    ["fails at once", answerWith(500, {})],
  ])("an answer that %s is not stored", async (_what, behaviour) => {
    origin.behave(behaviour);
    await ask(edge);
    says(audio);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await ask(edge)).toMatchObject({ orders: 1, headers: { "x-cache": "MISS" } });
  });

  test("no-store leaves no trace and looks for none", async () => {
    const options = { headers: { "cache-control": "No-Store" } };
    for (let i = 0; i < 2; i++) {
      const answer = await ask(edge, {}, options);
      expect(answer).toMatchObject({ status: 200, orders: 1 });
      expect(answer.headers).toMatchObject({
        "x-cache": "BYPASS",
        "cache-status": "qwen3-tts-edge; fwd=request",
      });
    }
    expect((await ask(edge)).headers["x-cache"]).toBe("MISS");
  });

  test.each(["no-cache", "max-age=0"])(
    "%s draws another take, for whoever wants it alone",
    async (directive) => {
      await ask(edge);
      expect(origin.orders.at(-1)?.headers).not.toHaveProperty("cache-control");
      await hit(edge);
      const other = noise(20_000);
      says(other);

      const fresh = await ask(edge, {}, { headers: { "cache-control": directive } });

      expect(fresh).toMatchObject({ orders: 1 });
      expect(fresh.body.equals(other)).toBe(true);
      expect(fresh.headers).toMatchObject({
        "x-cache": "MISS",
        "cache-status": "qwen3-tts-edge; fwd=request",
      });
      const { headers, body } = origin.orders.at(-1) ?? {};
      expect(headers).toHaveProperty("cache-control", "no-cache");
      expect(JSON.parse(body ?? "")).toEqual({
        model: "qwen3-tts-12hz-0.6b-custom-voice",
        input,
        voice: "Vivian",
        language: "auto",
      });
      expect((await ask(edge)).body.equals(audio)).toBe(true);
    },
  );

  test("no-cache keeps a seed that was asked for", async () => {
    await ask(edge, { seed: 5 }, { headers: { "cache-control": "no-cache" } });
    expect(JSON.parse(origin.orders.at(-1)?.body ?? "").seed).toBe(5);
  });

  test("max-age takes a stored answer that is younger", async () => {
    await ask(edge);
    await hit(edge);
    const { orders } = await ask(edge, {}, { headers: { "cache-control": "max-age=60" } });
    expect(orders).toBe(0);
  });

  test("only-if-cached is a 504 for what is not stored, and a hit for what is", async () => {
    const options = { headers: { "cache-control": "only-if-cached" } };
    const missed = await ask(edge, {}, options);
    expect(missed).toMatchObject({ status: 504, orders: 0 });
    expect(JSON.parse(missed.body.toString()).error.code).toBe("not_cached");
    await ask(edge);
    await hit(edge);
    expect(await ask(edge, {}, options)).toMatchObject({ status: 200, orders: 0 });
  });

  test("only-if-cached, no-store is answered from the cache or not at all", async () => {
    const options = { headers: { "cache-control": "no-store, only-if-cached" } };
    expect(await ask(edge, {}, options)).toMatchObject({ status: 504, orders: 0 });
    await ask(edge);
    await hit(edge);
    const found = await ask(edge, {}, options);
    expect(found).toMatchObject({ status: 200, orders: 0, headers: { "x-cache": "HIT" } });
  });

  test("Range and If-None-Match do not count in a POST", async () => {
    await ask(edge);
    const { headers } = await hit(edge);
    const conditions = { range: "bytes=0-9", "if-none-match": String(headers.etag) };
    const { status, body } = await ask(edge, {}, { headers: conditions });
    expect(status).toBe(200);
    expect(body.equals(audio)).toBe(true);
  });
});

describe("a stored file that was damaged", () => {
  async function damage(change: (bytes: Buffer) => Buffer) {
    const { headers } = await hit("alone", { response_format: "pcm" });
    const kv = await edges.audio();
    for (const { name } of (await kv.list({ prefix: "audio:" })).keys) {
      const { value, metadata } = await kv.getWithMetadata(name, "arrayBuffer");
      if (!value || `"${(metadata as { sha256?: string }).sha256}"` !== headers.etag) continue;
      await kv.put(name, Uint8Array.from(change(Buffer.from(value))).buffer, { metadata });
    }
  }

  const damages: [string, (bytes: Buffer) => Buffer][] = [
    ["cut", (bytes) => bytes.subarray(0, bytes.byteLength - 1000)],
    ["longer", (bytes) => Buffer.concat([bytes, bytes])],
    ["changed", (bytes) => Buffer.concat([Buffer.of(1, 2, 3), bytes.subarray(3)])],
  ];

  test.each(damages)("(%s) is spoken anew when it is small", async (_what, change) => {
    await damage(change);
    const next = await ask("alone", { response_format: "pcm" });
    expect(next).toMatchObject({ ended: "complete", orders: 1 });
    expect(next.body.equals(audio)).toBe(true);
    expect(edges.log.some((line) => line.fault === "a stored file is damaged")).toBe(true);
  });

  describe.each([
    ["audio", {}, {}],
    ["base64", {}, { path: "/v1/audio/speech/base64" }],
  ])("as %s", (how, fields, options) => {
    test.each(damages.slice(0, 2))(
      "(%s) fails and is gone when it is large",
      async (what, change) => {
        const large = new Uint8Array(Buffer.alloc(900_000, noise(999)));
        // Each its own digest, by which it is found.
        large.set(Buffer.from(how + what));
        says(large);
        await damage(change);
        const asked = { ...fields, response_format: "pcm" };
        if (how === "audio") {
          expect(await ask("alone", asked, options)).toMatchObject({ ended: "reset", orders: 0 });
        } else {
          expect(await ask("alone", asked, options)).toMatchObject({ status: 502, orders: 0 });
        }
        // It is taken away behind the answer.
        await expect.poll(async () => (await ask("alone", asked, options)).orders).toBe(1);
        const next = await ask("alone", asked, options);
        expect(next).toMatchObject({ status: 200, ended: "complete" });
      },
    );
  });
});

test("a cache that is turned off finds and stores nothing", async () => {
  await ask("alone");
  await hit("alone");
  for (let i = 0; i < 2; i++) {
    const { orders, headers } = await ask("off");
    expect(orders).toBe(1);
    expect(headers).toMatchObject({
      "x-cache": "BYPASS",
      "cache-status": "qwen3-tts-edge; fwd=bypass",
    });
  }
});

test("what is stored is served where no origin is named", async () => {
  await ask("alone");
  await hit("alone");
  const found = await speech(edges.urls.orphan, { input });
  expect([found.headers["x-cache"], found.body.equals(audio)]).toEqual(["HIT", true]);
  const missed = await speech(edges.urls.orphan, { input: newInput() });
  expect([missed.status, JSON.parse(missed.body.toString()).error.code]).toEqual([
    500,
    "misconfigured",
  ]);
});

test("only a caller with the scope refresh puts another take in the place of the one that is kept", async () => {
  const noCache = { "cache-control": "no-cache" };
  const asked = (key: TestKey, headers = {}) =>
    speech(edges.urls.keys, { input }, { headers: { ...key.headers, ...headers } });
  await asked(plain);
  await expect.poll(async () => (await asked(plain)).headers["x-cache"]).toBe("HIT");
  const other = noise(20_000);
  says(other);

  expect((await asked(plain, noCache)).body.equals(other)).toBe(true);
  expect((await asked(plain)).body.equals(audio)).toBe(true);
  expect((await asked(refresher, noCache)).body.equals(other)).toBe(true);
  await expect.poll(async () => (await asked(plain)).body.equals(other)).toBe(true);
});

test("a client that leaves in the midst of a large hit is logged as one that left", async () => {
  const large = new Uint8Array(Buffer.alloc(12_000_000, noise(1009)));
  says(large);
  const fields = { input, response_format: "pcm" };
  await speech(edges.urls.large, fields);
  await expect
    .poll(async () => (await speech(edges.urls.large, fields)).headers["x-cache"])
    .toBe("HIT");
  const headers = { "x-request-id": "left-a-hit" };
  const leaving = sendSpeech(edges.urls.large, fields, { headers });
  const answer = await leaving.head;
  answer.on("error", () => undefined);
  await new Promise((resolve) => answer.once("data", resolve));
  answer.pause();
  leaving.reset();
  await expect
    .poll(() => edges.log.find((line) => line.id === "left-a-hit"))
    .toMatchObject({ source: "hit", code: "client_left" });
});

test("what is stored says nothing of the text", async () => {
  await ask("alone", { input: "A secret text.", instructions: "A secret manner.", user: "me" });
  const kv = await edges.audio();
  const { keys } = await kv.list();
  expect(keys.length).toBeGreaterThan(1);
  for (const { name } of keys) {
    expect(name).toMatch(/^(audio:2:[0-9a-f]{64}|revision:qwen3-tts-12hz-0\.6b-custom-voice)$/);
  }
  expect(JSON.stringify(keys)).not.toMatch(/secret/);
});
