import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { base64AnswerSchema } from "../../shared/answers.ts";
import { type Edges, startEdges } from "../support/edge.ts";
import { speech } from "../support/edge-speech.ts";
import { type FramesOrigin, startFramesOrigin } from "../support/frames-origin.ts";
import { framesOf, noise, speak } from "../support/frames-origin-behaviours.ts";
import { storeKey } from "../support/keys.ts";
import { restOfMinute } from "../support/rest-of-period.ts";
import { mintToken } from "../support/tokens.ts";

const perKey = 5;
const perAddress = 3;
const perLinkHolder = 8;
const linkSecret = "another-secret-of-more-than-32-characters";

let origin: FramesOrigin;
let edges: Edges<"keys" | "open" | "linked">;

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
      linked: {
        AUTH: "keys",
        AUDIO: "audio",
        ORIGIN_URLS: origin.url,
        URL_SIGNING_SECRET: linkSecret,
      },
    },
    {
      requestsPerMinute: {
        KEY_RATE: perKey,
        ADDRESS_RATE: perAddress,
        LINK_RATE: perLinkHolder,
      },
    },
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

describe("requests for files by links", () => {
  let link: string;

  beforeAll(async () => {
    const { headers } = await storeKey(edges);
    const path = "/v1/audio/speech/base64";
    const { body } = await speech(edges.urls.linked, {}, { path, headers });
    const { url = "" } = base64AnswerSchema.parse(JSON.parse(body.toString()));
    link = url;
    const isStored = async () => expect((await fetch(link)).status).toBe(200);
    await vi.waitFor(isStored, { timeout: 30_000 });
  });

  const fetchFrom =
    (ip: string, url: string, headers = {}) =>
    () =>
      fetch(url, { headers: { ...from(ip), ...headers } });
  const times = (count: number, status: number) => Array<number>(count).fill(status);

  test("are counted apart from what an address asks for without a key", async () => {
    const ip = "198.51.100.10";
    const lists = fetchFrom(ip, `${edges.urls.linked}/v1/models`);
    expect(await statuses(perAddress + 1, lists)).toEqual([...times(perAddress, 200), 429]);
    const file = fetchFrom(ip, link);
    expect(await statuses(perLinkHolder + 1, file)).toEqual([...times(perLinkHolder, 200), 429]);
  });

  test("do not use up what an address may ask for without a key", async () => {
    const ip = "198.51.100.11";
    const ranges = fetchFrom(ip, link, { range: "bytes=0-9" });
    expect(await statuses(perLinkHolder + 1, ranges)).toEqual([...times(perLinkHolder, 206), 429]);
    const lists = fetchFrom(ip, `${edges.urls.linked}/v1/models`);
    expect(await statuses(1, lists)).toEqual([200]);
  });

  test("are guesses when the link is not good, and do not keep good ones from their files", async () => {
    const ip = "198.51.100.12";
    const guess = fetchFrom(ip, link.replace(/signature=./, "signature=~"));
    expect(await statuses(perAddress + 1, guess)).toEqual([...times(perAddress, 403), 429]);
    expect(await statuses(1, fetchFrom(ip, link))).toEqual([200]);
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
