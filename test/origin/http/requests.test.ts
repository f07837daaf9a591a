import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { builtinRevision } from "../../../origin/engine/builtin/revision.ts";
import type { Origin } from "../../../origin/http/server.ts";
import {
  modelListSchema,
  modelSchema,
  voiceListSchema,
  voiceSchema,
} from "../../../shared/answers.ts";
import { errorEnvelopeSchema } from "../../../shared/api-error.ts";
import { voices } from "../../../shared/voices/presets.ts";
import { badRequests } from "../../support/bad-requests.ts";
import { goodRequests } from "../../support/good-requests.ts";
import { receive, send } from "../../support/sockets.ts";
import { postSpeech } from "../../support/speech.ts";
import { startTestOrigin } from "../../support/system.ts";

let origin: Origin;

beforeAll(async () => {
  origin = await startTestOrigin();
});

afterAll(() => origin.close());

describe("refuses", () => {
  it.each(badRequests)("$name", async ({ method, path, headers, body, ...refusal }) => {
    const sent = send(origin.url + path, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
    });
    const answer = await receive(await sent.head);
    const { error, detail } = errorEnvelopeSchema.parse(JSON.parse(answer.body.toString()));
    expect(answer.status).toBe(refusal.status);
    expect(error).toMatchObject({
      code: refusal.code,
      param: refusal.param,
      message: refusal.message,
    });
    expect(detail).toBe(error.message);
    expect(answer.headers.allow).toBe(refusal.allow);
    expect(answer.headers["accept-encoding"]).toBe(refusal.acceptEncoding);
    expect(answer.headers["x-request-id"]).toMatch(/^req_\w+$/);
  });
});

describe("speaks", () => {
  it.each(goodRequests)("$name", async ({ fields, headers }) => {
    const leave = new AbortController();
    const answer = await postSpeech(origin.url, fields, { signal: leave.signal });
    expect(answer.status).toBe(200);
    for (const [name, value] of Object.entries(headers)) {
      if (name !== "x-ignored-fields") expect(answer.headers.get(name), name).toBe(value ?? null);
    }
    leave.abort();
  });
});

it("takes a body that is said to be as it is", async () => {
  const answer = await postSpeech(origin.url, {}, { headers: { "content-encoding": "Identity" } });
  expect(answer.status).toBe(200);
  await answer.arrayBuffer();
});

it("names the fields its engine has no use for beside those the API does not know", async () => {
  const fields = { user: "u", seed: 3, temperature: 0.5, top_k: 3, speed: 2 };
  const answer = await postSpeech(origin.url, fields);
  expect(answer.headers.get("x-ignored-fields")).toBe("user, seed, temperature, top_k");
  expect(answer.headers.get("x-seed")).toBe("3");
  await answer.arrayBuffer();
});

it("gives the answer's facts in its headers", async () => {
  const answer = await postSpeech(origin.url, { model: "TTS-1", voice: "Shimmer" });
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    "content-type": "audio/mpeg",
    "content-disposition": 'attachment; filename="speech.mp3"',
    "x-model": "tts-1",
    "x-voice": "shimmer",
    "x-resolved-model": "qwen3-tts-12hz-0.6b-custom-voice",
    "x-speaker": "Sohee",
    "x-engine": "builtin",
    "x-seed": expect.stringMatching(/^\d+$/),
    "x-sample-rate": "24000",
    "access-control-allow-origin": "*",
  });
  await answer.arrayBuffer();
});

it("keeps a request id it is given, and makes one of its own for one that is malformed", async () => {
  const kept = await fetch(`${origin.url}/health`, { headers: { "x-request-id": "req_abc-1" } });
  expect(kept.headers.get("x-request-id")).toBe("req_abc-1");
  const made = await fetch(`${origin.url}/health`, { headers: { "x-request-id": "a b;<c>" } });
  expect(made.headers.get("x-request-id")).toMatch(/^req_[0-9a-f]{32}$/);
});

it("answers a browser's preflight for whatever headers an SDK sends", async () => {
  const answer = await fetch(`${origin.url}/v1/audio/speech`, {
    method: "OPTIONS",
    headers: {
      origin: "https://example.com",
      "access-control-request-method": "POST",
      "access-control-request-headers": "authorization,content-type,x-stainless-retry-count",
    },
  });
  expect(answer.status).toBe(204);
  expect(answer.headers.get("access-control-allow-origin")).toBe("*");
  expect(answer.headers.get("access-control-allow-headers")).toBe(
    "authorization,content-type,x-stainless-retry-count",
  );
});

describe("lists", () => {
  async function get(path: string): Promise<unknown> {
    const answer = await fetch(origin.url + path);
    expect(answer.status).toBe(200);
    return answer.json();
  }

  it("the same models in both shapes, under both paths", async () => {
    const list = modelListSchema.strict().parse(await get("/v1/audio/models"));
    expect(list.models).toEqual(list.data);
    expect(list.data.map(({ id }) => id)).toEqual([
      "tts-1",
      "tts-1-hd",
      "gpt-4o-mini-tts",
      "qwen3-tts-12hz-0.6b-base",
      "qwen3-tts-12hz-0.6b-custom-voice",
      "qwen3-tts-12hz-1.7b-base",
      "qwen3-tts-12hz-1.7b-custom-voice",
      "qwen3-tts-12hz-1.7b-voice-design",
    ]);
    expect(await get("/v1/models")).toEqual(list);
  });

  it("one model by its id", async () => {
    expect(modelSchema.strict().parse(await get("/v1/models/tts-1-hd"))).toEqual({
      id: "tts-1-hd",
      object: "model",
      created: 1_700_000_000,
      owned_by: "qwen3-tts",
      shutdown_date: null,
      resolved_model: "qwen3-tts-12hz-1.7b-custom-voice",
      voices: voices.map(({ id }) => id),
      available: true,
      loaded: true,
      engine: "builtin",
      revision: builtinRevision().revision,
    });
  });

  it("voices with what each kind of client reads", async () => {
    const list = voiceListSchema.strict().parse(await get("/v1/audio/voices"));
    expect(list.voices).toEqual(list.data);
    expect(list.voices).toHaveLength(22);
    expect(await get("/v1/audio/voices/ALLOY")).toEqual(voiceSchema.parse(list.voices[0]));
    expect(list.voices[0]).toEqual({
      voice_id: "alloy",
      id: "alloy",
      object: "audio.voice",
      type: "preset",
      name: "Vivian",
      preview_url: `${origin.url}/v1/audio/voices/alloy/preview.mp3`,
      gender: "female",
      description: "Bright, slightly edgy young female voice",
      language: "zh",
    });
    const ids = list.voices.map(({ id }) => id);
    expect(await get("/v1/audio/voices?legacy=true")).toEqual({
      object: "list",
      data: ids,
      voices: ids,
    });
  });
});
