import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { digestOfKey, idOfDigest, storageKey } from "../../shared/api-key.ts";
import { type Edge, startEdge } from "../support/edge.ts";
import { speech, validSpeech } from "../support/edge-speech.ts";
import { type FramesOrigin, startFramesOrigin } from "../support/frames-origin.ts";
import { framesOf, noise, speak } from "../support/frames-origin-behaviours.ts";
import { makeKey, storeKey, type TestKey } from "../support/keys.ts";
import { sendRaw } from "../support/raw-request.ts";
import { receive, send } from "../support/sockets.ts";

let origin: FramesOrigin;
let edge: Edge;
let listed: TestKey;
let stored: TestKey;

beforeAll(async () => {
  origin = await startFramesOrigin();
  origin.behave(speak(() => framesOf(noise(100))));
  listed = await makeKey({ id: "the-one-in-the-secret" });
  // AUTH is not set: keys are wanted all the same.
  edge = await startEdge({
    AUTH: "",
    API_KEYS: JSON.stringify([listed.record]),
    ORIGIN_URLS: origin.url,
  });
  stored = await storeKey(edge);
});

afterAll(async () => {
  await edge.close();
  await origin.close();
});

const errorOf = (body: Buffer) => JSON.parse(body.toString()).error;

describe("a good key speaks", () => {
  test("without a check part, as keys were made at first", async () => {
    const key = (await makeKey()).key.slice(0, -6);
    const sha256 = await digestOfKey(key);
    await storeKey(edge, { id: idOfDigest(sha256), sha256 });
    const headers = { authorization: `Bearer ${key}` };
    expect((await speech(edge.url, {}, { headers })).status).toBe(200);
  });

  test.each<[string, () => string]>([
    ["from the secret API_KEYS", () => `Bearer ${listed.key}`],
    ["from the namespace KEYS", () => `Bearer ${stored.key}`],
    ["whatever the case of the scheme", () => `bEARER   ${stored.key}`],
  ])("%s", async (_what, authorization) => {
    const { status } = await speech(edge.url, {}, { headers: { authorization: authorization() } });
    expect(status).toBe(200);
    expect(JSON.stringify(origin.orders.at(-1)?.headers)).not.toContain("sk-tts-");
  });

  test("until it expires", async () => {
    const expires_at = Math.floor(Date.now() / 1000) + 60;
    const { headers } = await storeKey(edge, { expires_at });
    expect((await speech(edge.url, {}, { headers })).status).toBe(200);
  });

  test("with the models it was made for, by any of their names", async () => {
    const { headers } = await storeKey(edge, { models: ["tts-1"] });
    for (const model of ["tts-1", "TTS-1-fr", "qwen3-tts-12hz-0.6b-custom-voice"]) {
      expect((await speech(edge.url, { model }, { headers })).status).toBe(200);
    }
  });
});

interface Refusal {
  authorization?: () => string | Promise<string>;
  path?: string;
  status: number;
  code: string;
  challenge?: string;
}

const stranger = "Bearer sk-tts-0123456789abcdefghijklmnopqrstuv";
const bad = { status: 401, code: "invalid_api_key", challenge: 'Bearer error="invalid_token"' };
const withKey = async (fields: Parameters<typeof storeKey>[1]) =>
  (await storeKey(edge, fields)).headers.authorization;

const refusals: Record<string, Refusal> = {
  "no key": { status: 401, code: "missing_api_key", challenge: "Bearer" },
  "an unknown key": { ...bad, authorization: () => stranger },
  "an unknown key at the base64 route": {
    ...bad,
    path: "/v1/audio/speech/base64",
    authorization: () => stranger,
  },
  "another scheme": { ...bad, authorization: () => `Basic ${stored.key}` },
  "no scheme": { ...bad, authorization: () => stored.key },
  "a key with a letter too many": { ...bad, authorization: () => `Bearer ${stored.key}x` },
  "a key whose check part is another's": {
    ...bad,
    authorization: () => `Bearer ${stored.key.slice(0, -6)}${listed.key.slice(-6)}`,
  },
  "a key in other letters": { ...bad, authorization: () => `Bearer ${stored.key.toUpperCase()}` },
  "two keys": { ...bad, authorization: () => `Bearer ${stored.key} ${stored.key}` },
  "a key of 12 kB": { ...bad, authorization: () => `Bearer ${"k".repeat(12_000)}` },
  "the digest of a key": { ...bad, authorization: () => `Bearer ${stored.record.sha256}` },
  "the id of a key": { ...bad, authorization: () => `Bearer ${stored.record.id}` },
  "an expired key": {
    ...bad,
    code: "expired_api_key",
    authorization: () => withKey({ expires_at: Math.floor(Date.now() / 1000) }),
  },
  "a key that only its id has in common with a known one": {
    ...bad,
    authorization: () => withKey({ sha256: stored.record.sha256 }),
  },
  "a revoked key": {
    ...bad,
    code: "revoked_api_key",
    authorization: () => withKey({ revoked_at: 1_790_000_001 }),
  },
  "a key for other models": {
    status: 403,
    code: "model_not_allowed",
    authorization: () => withKey({ models: ["tts-1-hd"] }),
  },
  "a key for other things": {
    status: 403,
    code: "insufficient_scope",
    authorization: () => withKey({ scopes: ["files", "tokens"] }),
  },
};

describe("refused, without asking an origin, is", () => {
  test.each(Object.entries(refusals))("%s", async (_what, refusal) => {
    const { path = "/v1/audio/speech", status, code, challenge } = refusal;
    const authorization = await refusal.authorization?.();
    const orders = origin.orders.length;

    const headers = authorization === undefined ? {} : { authorization };
    const answer = await speech(edge.url, {}, { path, headers });

    expect(answer.status).toBe(status);
    expect(errorOf(answer.body)).toMatchObject({
      code,
      type: status === 401 ? "invalid_request_error" : "permission_error",
    });
    expect(answer.headers["www-authenticate"]).toBe(challenge);
    expect(answer.body.toString()).not.toContain(stored.key);
    expect(origin.orders).toHaveLength(orders);
  });

  test("who asks is settled before what: a stranger's nonsense is not even read", async () => {
    const { status } = await speech(edge.url, { input: "" }, { headers: {} });
    expect(status).toBe(401);
  });

  test.each<[string, () => string]>([
    ["a good key twice", () => `Bearer ${stored.key}\nAuthorization: Bearer ${stored.key}`],
    ["a good key and another", () => `Bearer ${stored.key}\nAuthorization: ${stranger}`],
    ["control characters", () => "Bearer sk-tts-\u0001\u007f"],
    ["bytes above ASCII", () => "Bearer sk-tts-schlüssel"],
    ["a header of 200 kB", () => `Bearer ${"k".repeat(200_000)}`],
  ])("%s, and the edge lives on", async (_what, authorization) => {
    const body = JSON.stringify(validSpeech);
    const head = `POST /v1/audio/speech HTTP/1.1
      Authorization: ${authorization()}
      Content-Type: application/json`;

    const answer = await sendRaw(edge.url, head, body);

    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect((await speech(edge.url, {}, stored)).status).toBe(200);
  });
});

test.each([
  ["POST", "//v1/audio/speech"],
  ["POST", "/v1/audio/speech/"],
  ["POST", "/v1//audio/speech"],
  ["POST", "/V1/audio/speech"],
  ["POST", "/openai//deployments/tts-1/audio/speech/"],
  ["POST", "/openai/v1/audio/speech"],
  ["POST", "//v1/text-to-speech/alloy"],
  ["POST", "/v1/text-to-speech/alloy/stream/"],
  ["POST", "/v1/audio/%73peech"],
  ["POST", "/v1%2Faudio%2Fspeech"],
  ["OPTIONS", "/v1/audio/speech"],
  ["HEAD", `/v1/audio/speech/${"0".repeat(64)}.mp3`],
])("%s %s is no way round the key", async (method, path) => {
  const orders = origin.orders.length;
  const headers = { "content-type": "application/json" };
  const sent = send(edge.url + path, { method, headers, body: JSON.stringify(validSpeech) });
  const { status, body } = await receive(await sent.head);
  expect([204, 401, 404]).toContain(status);
  expect(body.toString()).not.toContain("audio_not_found");
  expect(origin.orders).toHaveLength(orders);
});

test("a key whose record is damaged lets nobody in, and says whose fault it is", async () => {
  const { record, headers } = await storeKey(edge);
  const namespace = await edge.keys();
  for (const damaged of ["{", JSON.stringify({ ...record, charactersPerDay: 10 })]) {
    await namespace.put(storageKey(record.id), damaged);
    const answer = await speech(edge.url, {}, { headers });
    expect(answer.status).toBe(500);
    expect(answer.headers["x-should-retry"]).toBe("false");
    expect(errorOf(answer.body)).toMatchObject({
      code: "misconfigured",
      message: `This server is not set up: the record of the key ${record.id} is damaged.`,
    });
  }
});

test("lists, health and preflights want no key", async () => {
  for (const path of ["/v1/models", "/v1/audio/voices", "/v1/models/tts-1", "/health"]) {
    expect((await fetch(edge.url + path)).status, path).toBe(200);
  }
  expect(await (await fetch(`${edge.url}/health`)).json()).toMatchObject({ auth: "keys" });
  const preflight = await fetch(`${edge.url}/v1/audio/speech`, { method: "OPTIONS" });
  expect(preflight.status).toBe(204);
});

test("the log names the caller by its id, and holds no key and no text", async () => {
  const input = "A secret between us.";
  const headers = { ...stored.headers, "x-request-id": "logged" };
  await speech(edge.url, { input }, { headers });
  await speech(edge.url, { input }, { headers: { authorization: `Basic ${stored.key}` } });
  await expect
    .poll(() => edge.log.find((line) => line.id === "logged"))
    .toMatchObject({ caller: stored.record.id, status: 200 });
  const log = JSON.stringify(edge.log);
  for (const secret of ["sk-tts-", stored.record.sha256, input, validSpeech.input]) {
    expect(log).not.toContain(secret);
  }
});
