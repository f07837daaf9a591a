import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { storageKey } from "../../shared/api-key.ts";
import { modelIds } from "../../shared/models.ts";
import { type Edges, startEdges } from "../support/edge.ts";
import { speech } from "../support/edge-speech.ts";
import { type FramesOrigin, startFramesOrigin } from "../support/frames-origin.ts";
import { framesOf, noise, speak } from "../support/frames-origin-behaviours.ts";
import { makeKey, putRecord, storeKey, type TestKey } from "../support/keys.ts";
import { forgeToken, mintToken } from "../support/tokens.ts";

const oldSecret = "the-old-secret-of-more-than-32-characters";
const newSecret = "the-new-secret-of-more-than-32-characters";

let origin: FramesOrigin;
let edges: Edges<
  "edge" | "rotating" | "rotated" | "named" | "listed" | "without" | "weak" | "open"
>;
let edge: string;
let holder: TestKey;
/** Of the longest id. */
let longest: TestKey;

beforeAll(async () => {
  origin = await startFramesOrigin();
  origin.behave(speak(() => framesOf(noise(100))));
  longest = await makeKey({ id: "k".repeat(64) });
  const keys = { AUTH: "keys", ORIGIN_URLS: origin.url };
  edges = await startEdges({
    edge: { ...keys, TOKEN_SIGNING_SECRET: oldSecret },
    rotating: { ...keys, TOKEN_SIGNING_SECRET: `${newSecret}, ${oldSecret}` },
    rotated: { ...keys, TOKEN_SIGNING_SECRET: newSecret },
    listed: {
      ...keys,
      TOKEN_SIGNING_SECRET: oldSecret,
      API_KEYS: JSON.stringify([longest.record]),
    },
    without: keys,
    weak: { ...keys, TOKEN_SIGNING_SECRET: "too short" },
    named: { ...keys, TOKEN_SIGNING_SECRET: oldSecret, MODEL_ALIASES: '{"kokoro": "tts-1"}' },
    open: { AUTH: "open", ORIGIN_URLS: origin.url, TOKEN_SIGNING_SECRET: oldSecret },
  });
  edge = edges.urls.edge;
  holder = await storeKey(edges);
});

afterAll(async () => {
  await edges.close();
  await origin.close();
});

const mint = (fields: object, headers: Record<string, string> = holder.headers, at = edge) =>
  mintToken(at, headers, fields);

async function tokenFor(...request: Parameters<typeof mint>): Promise<{ authorization: string }> {
  const { status, body } = await mint(...request);
  expect(status).toBe(200);
  return { authorization: `Bearer ${body.token}` };
}

async function refusal(headers: Record<string, string>, fields = {}, at = edge) {
  const { status, body } = await speech(at, fields, { headers });
  return [status, JSON.parse(body.toString()).error.code];
}

const forge = (claims: object = {}) => forgeToken(holder.record.id, oldSecret, { claims });

describe("a key makes a token", () => {
  test("that speaks, for ten minutes unless said otherwise", async () => {
    const before = Math.floor(Date.now() / 1000);
    const { status, headers, body } = await mint({});
    expect(status).toBe(200);
    expect(headers.get("cache-control")).toBe("no-store");
    expect(body).toEqual({ token: expect.any(String), expires_at: expect.any(Number) });
    expect(body.expires_at - before).toBeGreaterThanOrEqual(600);
    expect(body.expires_at - before).toBeLessThan(660);
    const answer = await speech(edge, {}, { headers: { authorization: `Bearer ${body.token}` } });
    expect(answer.status).toBe(200);
  });

  test("that does not outlive it", async () => {
    const expires_at = Math.floor(Date.now() / 1000) + 100;
    const key = await storeKey(edges, { expires_at });
    expect((await mint({ expires_in: 3600 }, key.headers)).body.expires_at).toBe(expires_at);
  });

  test("that is logged under its id, and never shown in the log", async () => {
    const headers = await tokenFor({});
    await speech(edge, {}, { headers: { ...headers, "x-request-id": "by-token" } });
    await expect
      .poll(() => edges.log.find((line) => line.id === "by-token"))
      .toMatchObject({ caller: holder.record.id });
    expect(JSON.stringify(edges.log)).not.toContain(headers.authorization.slice(7, 40));
  });

  test.each<[string, object, string]>([
    ["no time at all", { expires_in: 0 }, "expires_in"],
    ["more than an hour", { expires_in: 3601 }, "expires_in"],
    ["a part of a second", { expires_in: 0.5 }, "expires_in"],
    ["the scope that makes tokens", { scopes: ["tokens"] }, "scopes"],
    ["the scope that replaces what is kept", { scopes: ["speech", "refresh"] }, "scopes"],
    ["no scope", { scopes: [] }, "scopes"],
    ["a model that does not exist", { models: ["tts-9"] }, "models"],
    ["an origin with a path", { origin: "https://example.com/app" }, "origin"],
  ])("but not with %s", async (_what, fields, param) => {
    const { status, body } = await mint(fields);
    expect(status).toBe(400);
    expect(body.error).toMatchObject({
      code: "invalid_value",
      param,
      message: expect.stringMatching(new RegExp(`^${param} must be `)),
    });
  });

  test("but not for an origin that is longer than any", async () => {
    const origin = `https://${"a".repeat(260)}`;
    const { status, body } = await mint({ origin });
    expect(status).toBe(400);
    expect(body.error).toMatchObject({
      param: "origin",
      message: "origin must have at most 267 characters; it has 268",
    });
  });

  test("that is taken, also when it is the longest that can be made", async () => {
    const fields = {
      expires_in: 3600,
      scopes: Array(500).fill(["speech", "files"]).flat(),
      models: Array(200).fill(modelIds).flat(),
      origin: `https://${"a".repeat(63)}.${"b".repeat(63)}.${"c".repeat(63)}.${"d".repeat(61)}:65535`,
    };
    const { status, body } = await mint(fields, longest.headers, edges.urls.listed);
    expect(status).toBe(200);
    const headers = { authorization: `Bearer ${body.token}`, origin: fields.origin };
    for (const model of ["tts-1", "tts-1-hd"]) {
      const answer = await speech(edges.urls.listed, { model }, { headers });
      expect(answer.status, model).toBe(200);
    }
  });

  test("of all its models, each once, also when its record names them twice", async () => {
    const names = ["tts-1", "qwen3-tts-12hz-0.6b-custom-voice"];
    const models = Array(100).fill(names).flat();
    const { headers } = await storeKey(edges, { models });
    const token = await tokenFor({}, headers);
    expect((await speech(edge, {}, { headers: token })).status).toBe(200);
  });

  test("that lasts no shorter than was asked for", async () => {
    const beforeMs = Date.now();
    const { body } = await mint({ expires_in: 1 });
    expect(body.expires_at * 1000).toBeGreaterThanOrEqual(beforeMs + 1000);
  });

  test("that finds it where its record is, whatever id that has", async () => {
    const { record, headers } = await makeKey();
    const namespace = await edges.keys();
    await namespace.put(storageKey(record.id), JSON.stringify({ ...record, id: "shop" }));
    const token = await tokenFor({}, headers);
    expect((await speech(edge, {}, { headers: token })).status).toBe(200);
  });

  test("but not with a body that is coded", async () => {
    const { status, headers, body } = await mint(
      {},
      {
        ...holder.headers,
        "content-encoding": "gzip",
      },
    );
    expect(status).toBe(415);
    expect(headers.get("accept-encoding")).toBe("identity");
    expect(body.error.code).toBe("unsupported_content_encoding");
  });

  test("but not with a field nobody knows", async () => {
    const { status, body } = await mint({ expires: 5 });
    expect(status).toBe(400);
    expect(body.error.message).toContain("expires");
  });

  test("but never with more than it has itself", async () => {
    const narrow = await storeKey(edges, { models: ["tts-1"], scopes: ["speech", "tokens"] });
    const model = await mint({ models: ["tts-1", "tts-1-hd"] }, narrow.headers);
    expect([model.status, model.body.error.code]).toEqual([403, "model_not_allowed"]);
    const scope = await mint({ scopes: ["files"] }, narrow.headers);
    expect([scope.status, scope.body.error.code]).toEqual([403, "insufficient_scope"]);
    const token = await tokenFor({}, narrow.headers);
    expect(await refusal(token, { model: "tts-1-hd" })).toEqual([403, "model_not_allowed"]);
  });
});

describe("a token is refused", () => {
  test("but not one that is as the edge makes them", async () => {
    expect((await speech(edge, {}, { headers: await forge() })).status).toBe(200);
  });

  test("after its time", async () => {
    const headers = await forge({ exp: Math.floor(Date.now() / 1000) });
    expect(await refusal(headers)).toEqual([401, "expired_token"]);
  });

  test("for models by an operator's names, where there are any", async () => {
    const named = await mint({ models: ["kokoro"] }, holder.headers, edges.urls.named);
    expect(named.status).toBe(200);
    expect((await mint({ models: ["kokoro"] })).status).toBe(400);
  });

  test("for other models", async () => {
    const headers = await tokenFor({ models: ["tts-1"] });
    expect((await speech(edge, {}, { headers })).status).toBe(200);
    expect(await refusal(headers, { model: "tts-1-hd" })).toEqual([403, "model_not_allowed"]);
  });

  test("for other things", async () => {
    const headers = await tokenFor({ scopes: ["files"] });
    expect(await refusal(headers)).toEqual([403, "insufficient_scope"]);
  });

  test("on pages of another origin", async () => {
    const headers = await tokenFor({ origin: "https://example.com" });
    const here = await speech(edge, {}, { headers: { ...headers, origin: "https://example.com" } });
    expect(here.status).toBe(200);
    const other = { ...headers, origin: "https://example.org" };
    expect(await refusal(other)).toEqual([403, "origin_not_allowed"]);
    expect(await refusal(headers)).toEqual([403, "origin_not_allowed"]);
  });

  test("on a page of this server, of which browsers say no more than that", async () => {
    const own = await tokenFor({ origin: new URL(edge).origin });
    const site = { "sec-fetch-site": "same-origin" };
    expect((await speech(edge, {}, { headers: { ...own, ...site } })).status).toBe(200);
    const strange = { ...own, ...site, origin: "https://example.org" };
    expect(await refusal(strange)).toEqual([403, "origin_not_allowed"]);
    const other = { ...(await tokenFor({ origin: "https://example.com" })), ...site };
    expect(await refusal(other)).toEqual([403, "origin_not_allowed"]);
    expect(await refusal({ ...own, "sec-fetch-site": "cross-site" })).toEqual([
      403,
      "origin_not_allowed",
    ]);
  });

  test("to make tokens, even if it says that it may", async () => {
    for (const headers of [await tokenFor({}), await forge({ scopes: ["speech", "tokens"] })]) {
      const { status, body } = await mint({}, headers);
      expect([status, body.error.code]).toEqual([403, "insufficient_scope"]);
    }
  });

  /** An isolate goes by a record for some seconds. */
  const statusWith = async (headers: { authorization: string }) =>
    (await speech(edge, {}, { headers })).status;

  test("once its key is revoked, has expired or is gone", async () => {
    const key = await storeKey(edges);
    const headers = await tokenFor({}, key.headers);
    expect((await speech(edge, {}, { headers })).status).toBe(200);
    await putRecord(edges, { ...key.record, revoked_at: 1_790_000_001 });
    await expect.poll(() => statusWith(headers)).toBe(401);
    expect(await refusal(headers)).toEqual([401, "revoked_api_key"]);
    await putRecord(edges, { ...key.record, expires_at: 1_790_000_001 });
    await expect.poll(() => refusal(headers)).toEqual([401, "expired_api_key"]);
    const { record } = await makeKey();
    expect(await refusal(await forge({ sub: record.id }))).toEqual([401, "invalid_api_key"]);
  });

  test("beyond what its key has become", async () => {
    const key = await storeKey(edges);
    const headers = await tokenFor({}, key.headers);
    await putRecord(edges, { ...key.record, models: ["tts-1-hd"] });
    await expect.poll(() => statusWith(headers)).toBe(403);
    expect(await refusal(headers)).toEqual([403, "model_not_allowed"]);
  });

  test.each<[string, () => Promise<{ authorization: string }>]>([
    ["signed with another secret", () => forgeToken(holder.record.id, newSecret)],
    [
      "signed with another algorithm",
      () => forgeToken(holder.record.id, oldSecret, { algorithm: "HS512" }),
    ],
    ["of another issuer", () => forge({ iss: "somebody" })],
    ["without an expiry", () => forge({ exp: undefined })],
    ["with claims of the wrong kind", () => forge({ scopes: "speech" })],
    [
      "with the signature of another",
      async () => {
        const [header, claims] = (await forge()).authorization.split(".");
        const [, , signature] = (await forge({ sub: "other" })).authorization.split(".");
        return { authorization: [header, claims, signature].join(".") };
      },
    ],
    [
      "that says it needs no signature",
      async () => {
        const [, claims] = (await forge()).authorization.split(".");
        const header = Buffer.from('{"alg":"none","typ":"JWT"}').toString("base64url");
        return { authorization: `Bearer ${header}.${claims}.AA` };
      },
    ],
    ["of three dots and nothing", async () => ({ authorization: "Bearer a.b.c" })],
  ])("%s", async (_what, make) => {
    expect(await refusal(await make())).toEqual([401, "invalid_api_key"]);
  });
});

test("while the secret is replaced, tokens of both are good, and new ones are of the first", async () => {
  const { rotating, rotated } = edges.urls;
  const old = await tokenFor({});
  expect((await speech(rotating, {}, { headers: old })).status).toBe(200);
  expect(await refusal(old, {}, rotated)).toEqual([401, "invalid_api_key"]);
  const fresh = await tokenFor({}, holder.headers, rotating);
  expect((await speech(rotated, {}, { headers: fresh })).status).toBe(200);
});

describe("no token is made", () => {
  test("without a key", async () => {
    const { status, body } = await mint({}, {});
    expect([status, body.error.code]).toEqual([401, "missing_api_key"]);
  });

  test("by a key without the scope", async () => {
    const { headers } = await storeKey(edges, { scopes: ["speech"] });
    const { status, body } = await mint({}, headers);
    expect([status, body.error.code]).toEqual([403, "insufficient_scope"]);
  });

  test("by an edge without a secret, which takes none either", async () => {
    const { status, headers, body } = await mint({}, holder.headers, edges.urls.without);
    expect([status, body.error.code]).toEqual([501, "tokens_not_enabled"]);
    expect(headers.get("x-should-retry")).toBe("false");
    expect(await refusal(await forge(), {}, edges.urls.without)).toEqual([401, "invalid_api_key"]);
  });

  test("with a secret that could be guessed", async () => {
    const { status, body } = await mint({}, holder.headers, edges.urls.weak);
    expect([status, body.error.code]).toEqual([500, "misconfigured"]);
    expect(JSON.stringify(edges.log)).not.toContain("too short");
  });

  test("by an open edge, where it would be good for nothing", async () => {
    const { status, body } = await mint({}, holder.headers, edges.urls.open);
    expect([status, body.error.code]).toEqual([403, "insufficient_scope"]);
    expect(body.error.message).toContain("asks nobody for a key");
  });

  test("by GET", async () => {
    const answer = await fetch(`${edge}/v1/audio/tokens`);
    expect(answer.status).toBe(405);
    expect(answer.headers.get("allow")).toBe("POST, OPTIONS");
  });
});
