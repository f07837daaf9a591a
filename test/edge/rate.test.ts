import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Edges, startEdges } from "../support/edge.ts";
import { speech } from "../support/edge-speech.ts";
import { type FramesOrigin, startFramesOrigin } from "../support/frames-origin.ts";
import { framesOf, noise, speak } from "../support/frames-origin-behaviours.ts";
import { storeKey } from "../support/keys.ts";
import { restOfMinute } from "../support/rest-of-period.ts";
import { mintToken } from "../support/tokens.ts";

const perKey = 5;
const perAddress = 3;

let origin: FramesOrigin;
let edges: Edges<"keys" | "open">;

beforeAll(async () => {
  origin = await startFramesOrigin();
  origin.behave(speak(() => framesOf(noise(100))));
  edges = await startEdges(
    {
      keys: {
        AUTH: "keys",
        ORIGIN_URLS: origin.url,
        TOKEN_SIGNING_SECRET: "a-secret-of-more-than-32-characters",
      },
      open: { AUTH: "open", ORIGIN_URLS: origin.url },
    },
    { requestsPerMinute: { KEY_RATE: perKey, ADDRESS_RATE: perAddress } },
  );
  await fetch(`${edges.urls.keys}/v1/models`);
});

/** No test is to see two minutes. */
beforeEach(() => restOfMinute(10));

afterAll(async () => {
  await edges.close();
  await origin.close();
});

const from = (ip: string) => ({ "cf-connecting-ip": ip });

async function statuses(count: number, request: () => Promise<{ status: number | undefined }>) {
  const seen: (number | undefined)[] = [];
  for (let i = 0; i < count; i++) seen.push((await request()).status);
  return seen;
}

describe("too many requests in a minute are refused", () => {
  test("of one key, whichever address they come from, with when to come back", async () => {
    const { headers } = await storeKey(edges);
    let host = 1;
    const ask = () =>
      speech(edges.urls.keys, {}, { headers: { ...headers, ...from(`192.0.2.${host++}`) } });
    expect(await statuses(perKey, ask)).toEqual([200, 200, 200, 200, 200]);
    const orders = origin.orders.length;

    const refused = await ask();

    expect(refused.status).toBe(429);
    expect(refused.headers["retry-after"]).toBe("60");
    expect(refused.headers).not.toHaveProperty("x-should-retry");
    expect(JSON.parse(refused.body.toString()).error).toMatchObject({
      type: "rate_limit_error",
      code: "rate_limit_exceeded",
    });
    expect(origin.orders).toHaveLength(orders);
    const other = await storeKey(edges);
    expect((await speech(edges.urls.keys, {}, { headers: other.headers })).status).toBe(200);
  });

  test("of one key and its tokens together", async () => {
    const { headers } = await storeKey(edges);
    const { token } = (await mintToken(edges.urls.keys, headers)).body;
    const ask = () =>
      speech(edges.urls.keys, {}, { headers: { authorization: `Bearer ${token}` } });
    expect(await statuses(perKey, ask)).toEqual([200, 200, 200, 200, 429]);
  });

  test("of one key, also when they are refused for other reasons", async () => {
    const { headers } = await storeKey(edges);
    const ask = () => speech(edges.urls.keys, { input: "" }, { headers });
    expect(await statuses(perKey + 1, ask)).toEqual([400, 400, 400, 400, 400, 429]);
  });

  test("of one address that guesses keys", async () => {
    const headers = { authorization: "Bearer guess", ...from("198.51.100.1") };
    const ask = () => speech(edges.urls.keys, {}, { headers });
    expect(await statuses(perAddress + 1, ask)).toEqual([401, 401, 401, 429]);
    const { headers: good } = await storeKey(edges);
    const known = { ...good, ...from("198.51.100.1") };
    expect((await speech(edges.urls.keys, {}, { headers: known })).status).toBe(200);
  });

  test.each([
    ["/v1/models", "198.51.100.2"],
    ["/v1/audio/models/tts-1", "198.51.100.3"],
    ["/v1/audio/voices", "198.51.100.4"],
    ["/health", "2001:db8::1"],
  ])("of one address that reads %s", async (path, ip) => {
    const ask = () => fetch(edges.urls.keys + path, { headers: from(ip) });
    expect(await statuses(perAddress + 1, ask)).toEqual([200, 200, 200, 429]);
  });

  test("of one address that speaks at an open edge", async () => {
    const ask = () => speech(edges.urls.open, {}, { headers: from("198.51.100.5") });
    expect(await statuses(perAddress + 1, ask)).toEqual([200, 200, 200, 429]);
  });
});

test("this machine itself is not limited", async () => {
  const ask = () => fetch(`${edges.urls.open}/v1/models`, { headers: from("127.0.0.1") });
  expect(await statuses(perAddress + 1, ask)).toEqual([200, 200, 200, 200]);
});

test("wrangler.toml counts by the period that Retry-After names", async () => {
  const toml = await readFile("wrangler.toml", "utf8");
  const periods = [...toml.matchAll(/^simple = \{ limit = \d+, period = (\d+) \}$/gm)];
  expect(periods.length).toBeGreaterThanOrEqual(2);
  expect(new Set(periods.map(([, period]) => period))).toEqual(new Set(["60"]));
});
