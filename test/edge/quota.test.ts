import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Edges, startEdges } from "../support/edge.ts";
import { sendSpeech, speech } from "../support/edge-speech.ts";
import { type FramesOrigin, startFramesOrigin } from "../support/frames-origin.ts";
import {
  answerWith,
  breakOff,
  framesOf,
  noise,
  speak,
} from "../support/frames-origin-behaviours.ts";
import { createGate } from "../support/gate.ts";
import { storeKey, type TestKey } from "../support/keys.ts";
import { restOfDay } from "../support/rest-of-period.ts";
import { heard, receive } from "../support/sockets.ts";

/** What a test may take: it counts what was used in one day. */
const testSeconds = 20;

const speaks = speak(() => framesOf(noise(100)));

let origin: FramesOrigin;
let edges: Edges<"edge" | "cached" | "flights">;
let edge: string;

beforeAll(async () => {
  origin = await startFramesOrigin();
  const keys = { AUTH: "keys", ORIGIN_URLS: origin.url };
  edges = await startEdges({
    edge: keys,
    cached: { ...keys, AUDIO: "audio" },
    flights: { ...keys, FLIGHTS: true, CACHE_MAX_BYTES: "100000" },
  });
  edge = edges.urls.edge;
});

beforeEach(
  async () => {
    origin.behave(speaks);
    await restOfDay(testSeconds);
  },
  2 * testSeconds * 1000,
);

afterAll(async () => {
  await edges.close();
  await origin.close();
});

const ask = (key: TestKey, input: string, fields = {}, at = edge) =>
  speech(at, { input, ...fields }, { headers: key.headers });

/** The characters a key has left, as a request for one more of them says. */
async function remaining(key: TestKey, at = edge): Promise<number> {
  const { headers } = await ask(key, "a", {}, at);
  return Number(headers["x-ratelimit-remaining-characters"]);
}

describe("the characters of a key", () => {
  test("are counted by code points, and told", async () => {
    const key = await storeKey(edges, { characters_per_day: 10 });
    const { status, headers } = await ask(key, "né 😀");
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      "x-ratelimit-limit-characters": "10",
      "x-ratelimit-remaining-characters": "6",
      "x-ratelimit-reset-characters": expect.stringMatching(/^\d{1,5}s$/),
    });
    expect(headers).not.toHaveProperty("x-ratelimit-limit-requests");
  });

  test("are spent to the last one, and refused from then on in words and headers", async () => {
    const key = await storeKey(edges, { characters_per_day: 10 });
    await ask(key, "1234567890");
    const orders = origin.orders.length;

    const { status, headers, body } = await ask(key, "1");

    expect(status).toBe(429);
    expect(headers).toMatchObject({
      "x-should-retry": "false",
      "retry-after": expect.stringMatching(/^([1-9]|[1-5]\d|60)$/),
      "x-ratelimit-remaining-characters": "0",
    });
    expect(JSON.parse(body.toString()).error).toMatchObject({
      type: "insufficient_quota",
      code: "insufficient_quota",
      message: expect.stringMatching(
        /^The input has 1 characters; this key has 0 of 10 left today\. .* in \d+ seconds\.$/,
      ),
    });
    expect(origin.orders).toHaveLength(orders);
  });

  test("are counted exactly when all ask at once", async () => {
    const key = await storeKey(edges, { characters_per_day: 100 });
    const answers = await Promise.all(Array.from({ length: 30 }, () => ask(key, "1234567890")));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(10);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(20);
  });

  test("are each key's own", async () => {
    const [one, two] = [
      await storeKey(edges, { characters_per_day: 5 }),
      await storeKey(edges, { characters_per_day: 5 }),
    ];
    await ask(one, "12345");
    expect((await ask(two, "12345")).status).toBe(200);
  });

  test("are spent on what comes from the cache, too", async () => {
    const key = await storeKey(edges, { characters_per_day: 1000 });
    const again = async () => (await ask(key, "1234567890", {}, edges.urls.cached)).headers;
    let asked = 0;
    let headers: Awaited<ReturnType<typeof again>>;
    do {
      headers = await again();
      expect(headers["x-ratelimit-remaining-characters"]).toBe(String(1000 - 10 * ++asked));
    } while (headers["x-cache"] !== "HIT");
    expect(asked).toBeGreaterThan(1);
  });

  test("are not spent on what is refused before any work", async () => {
    const key = await storeKey(edges, { characters_per_day: 10, models: ["tts-1"] });
    expect((await ask(key, "12345", { model: "tts-1-hd" })).status).toBe(403);
    expect((await ask(key, "12345", { speed: 9 })).status).toBe(400);
    expect(await remaining(key)).toBe(9);
  });

  const frames = () => framesOf(noise(5000));
  test.each([
    ["fails before its first byte", answerWith(500, "no"), 502, {}],
    ["breaks off midway", breakOff(frames, 3000, "reset"), 200, {}],
    [
      "breaks off midway, as events",
      breakOff(frames, 3000, "reset"),
      200,
      { stream_format: "sse" },
    ],
    ["breaks off midway, as base64", breakOff(frames, 3000, "reset"), 502, {}, "/base64"],
  ])("are given back when the answer %s", async (_what, behaviour, status, fields, below = "") => {
    const key = await storeKey(edges, { characters_per_day: 100 });
    origin.behave(behaviour);
    const options = { headers: key.headers, path: `/v1/audio/speech${below}` };
    const answer = await speech(edge, { input: "1234567890", ...fields }, options);
    expect(answer.status).toBe(status);
    origin.behave(speaks);
    let spent = 0;
    await expect.poll(async () => (await remaining(key)) + ++spent).toBe(100);
  });

  test.each(["edge", "flights"] as const)(
    "are not given back to a client that leaves (%s)",
    async (name) => {
      const at = edges.urls[name];
      const key = await storeKey(edges, { characters_per_day: 100 });
      origin.behave(breakOff(frames, 3000, "silence"));
      const sent = sendSpeech(at, { input: "1234567890" }, { headers: key.headers });
      await heard(await sent.head, 1000);
      sent.reset();
      await expect(origin.orders.at(-1)?.over).resolves.toBe(false);
      await expect.poll(() => edges.log.at(-1)).toMatchObject({ code: "client_left" });
      origin.behave(speaks);
      expect(await remaining(key, at)).toBe(89);
    },
  );

  test("are not given back to a client that reads too slowly, and are to the others", async () => {
    const { flights } = edges.urls;
    const long = new Uint8Array(Buffer.alloc(16 * 1024 * 1024, noise(1_000_003)));
    const gate = createGate();
    const options = { chunkBytes: 64 * 1024, between: () => gate.opened, end: null };
    origin.behave(speak(() => framesOf(long, options)));
    const send = ({ headers }: TestKey) =>
      sendSpeech(flights, { input: "1234567890" }, { headers }).head;
    const slow = await storeKey(edges, { characters_per_day: 100 });
    const fast = await storeKey(edges, { characters_per_day: 100 });
    const [waiting, reading] = [await send(slow), await send(fast)];
    gate.open();

    expect((await receive(reading)).ended).toBe("reset");
    expect((await receive(waiting)).ended).toBe("reset");

    const codes = () => edges.log.filter(({ audio_bytes }) => audio_bytes).map(({ code }) => code);
    await expect.poll(codes).toContain("client_too_slow");
    origin.behave(speaks);
    let spent = 0;
    await expect.poll(async () => (await remaining(fast, flights)) + ++spent).toBe(100);
    expect(await remaining(slow, flights)).toBe(89);
  });
});

test("a key's own rate is counted exactly, and told", async () => {
  const key = await storeKey(edges, { requests_per_minute: 3 });
  const answers = await Promise.all(Array.from({ length: 8 }, () => ask(key, "Hello.")));
  const refused = answers.filter(({ status }) => status === 429);
  expect(refused).toHaveLength(5);
  for (const { headers, body } of refused) {
    expect(Number(headers["retry-after"])).toBeGreaterThan(30);
    expect(Number(headers["retry-after"])).toBeLessThanOrEqual(60);
    expect(headers).toMatchObject({
      "x-ratelimit-limit-requests": "3",
      "x-ratelimit-remaining-requests": "0",
      "x-ratelimit-reset-requests": `${headers["retry-after"]}s`,
    });
    expect(JSON.parse(body.toString()).error.code).toBe("rate_limit_exceeded");
  }
});

test("a key without limits is told of none", async () => {
  const { status, headers } = await ask(await storeKey(edges), "Hello.");
  expect(status).toBe(200);
  expect(Object.keys(headers).filter((name) => name.startsWith("x-ratelimit"))).toEqual([]);
});
