import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  modelListSchema,
  modelSchema,
  voiceListSchema,
  voiceSchema,
} from "../../shared/answers.ts";
import { speechRequestSchema } from "../../shared/speech-request.ts";
import { wireRequestSchema } from "../../shared/wire-request.ts";
import { badRequests } from "../support/bad-requests.ts";
import { type Edge, startEdge } from "../support/edge.ts";
import { speech, validSpeech } from "../support/edge-speech.ts";
import { type FramesOrigin, startFramesOrigin } from "../support/frames-origin.ts";
import { framesOf, noise, speak } from "../support/frames-origin-behaviours.ts";
import { goodRequests } from "../support/good-requests.ts";
import { receive, send } from "../support/sockets.ts";

let origin: FramesOrigin;
let edge: Edge;

beforeAll(async () => {
  origin = await startFramesOrigin();
  origin.behave(speak(() => framesOf(noise(100))));
  edge = await startEdge({ ORIGIN_URLS: origin.url });
});

afterAll(async () => {
  await edge.close();
  await origin.close();
});

describe("a bad request is refused and never reaches the origin", () => {
  test.each(badRequests)("$name", async (bad) => {
    const orders = origin.orders.length;

    const answer = await receive(await send(edge.url + bad.path, bad).head);

    expect(answer.status).toBe(bad.status);
    expect(JSON.parse(answer.body.toString())).toEqual({
      error: {
        message: bad.message,
        type: "invalid_request_error",
        param: bad.param,
        code: bad.code,
      },
      detail: bad.message,
    });
    expect(answer.headers).toMatchObject({
      "content-type": "application/json",
      "x-request-id": expect.stringMatching(/^req_/),
      "access-control-allow-origin": "*",
    });
    expect(answer.headers.allow).toBe(bad.allow);
    expect(answer.headers["accept-encoding"]).toBe(bad.acceptEncoding);
    expect(origin.orders).toHaveLength(orders);
  });

  test("the same at /v1/audio/speech/base64", async () => {
    const orders = origin.orders.length;
    const { status, body } = await speech(
      edge.url,
      { speed: 9 },
      { path: "/v1/audio/speech/base64" },
    );
    expect(status).toBe(400);
    expect(JSON.parse(body.toString()).error).toMatchObject({ param: "speed" });
    expect(origin.orders).toHaveLength(orders);
  });
});

const parsed = (body: unknown) => speechRequestSchema.parse(JSON.parse(JSON.stringify(body)));

describe("a request that only looks doubtful is answered", () => {
  test("a body that is said to be as it is", async () => {
    const headers = { "content-encoding": "identity" };
    expect(await speech(edge.url, {}, { headers })).toMatchObject({ status: 200 });
  });

  test.each(goodRequests)("$name", async ({ fields, headers }) => {
    const answer = await speech(edge.url, fields);
    expect(answer.status).toBe(200);
    for (const [name, value] of Object.entries(headers)) {
      expect(answer.headers[name], name).toBe(value);
    }
    // The same request, and of what the API does not know nothing.
    const body = JSON.parse(origin.orders.at(-1)?.body ?? "");
    expect(Object.keys(body).filter((name) => !(name in wireRequestSchema.shape))).toEqual([]);
    const {
      modelId: _,
      voiceId: __,
      ignoredFields: ___,
      ...asked
    } = parsed({
      ...validSpeech,
      ...fields,
    });
    expect(parsed(body)).toMatchObject(asked);
    expect(body).toMatchObject({ model: asked.model, voice: asked.speaker ?? "design" });
  });
});

describe("the catalogue is served without waiting for an origin", () => {
  test.each([
    ["/v1/models", modelListSchema],
    ["/v1/audio/models", modelListSchema],
    ["/v1/models/tts-1", modelSchema],
    ["/v1/audio/models/TTS-1-HD-fr", modelSchema],
    ["/v1/models/Qwen%2FQwen3-TTS-12Hz-1.7B-CustomVoice", modelSchema],
    ["/v1/models/Qwen/Qwen3-TTS-12Hz-1.7B-CustomVoice", modelSchema],
    ["/v1/audio/models/openai/tts-1", modelSchema],
    ["/v1/models?aliases=true", modelListSchema],
    ["/v1/audio/voices", voiceListSchema],
    ["/v1/audio/voices/alloy", voiceSchema],
  ])("%s", async (path, schema) => {
    const answer = await fetch(edge.url + path);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("x-request-id")).toMatch(/^req_/);
    schema.parse(await answer.json());
  });

  test("HEAD answers like GET, without a body", async () => {
    const answer = await fetch(`${edge.url}/v1/audio/voices`, { method: "HEAD" });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toBe("");
  });
});

test("an origin is told who asks, whatever it is asked for", async () => {
  await fetch(`${edge.url}/health`);
  await fetch(`${edge.url}/v1/models`);
  await speech(edge.url);
  for (const path of ["/ready", "/v1/models", "/v1/audio/speech"]) {
    await expect.poll(() => origin.userAgents.get(path)).toBe("qwen3-tts-edge");
  }
});

test("a browser's preflight is answered for any header", async () => {
  const answer = await fetch(`${edge.url}/v1/audio/speech`, {
    method: "OPTIONS",
    headers: {
      origin: "https://example.com",
      "access-control-request-method": "POST",
      "access-control-request-headers": "authorization,content-type,x-stainless-lang",
    },
  });
  expect(answer.status).toBe(204);
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "GET,HEAD,POST,DELETE,OPTIONS",
    "access-control-allow-headers": "authorization,content-type,x-stainless-lang",
    "x-request-id": expect.stringMatching(/^req_/),
  });
});

test.each(["x".repeat(129), "not a token", "semi;colon"])(
  "a request id of %j is replaced",
  async (id) => {
    const answer = await fetch(`${edge.url}/v1/models`, { headers: { "x-request-id": id } });
    expect(answer.headers.get("x-request-id")).toMatch(/^req_[0-9a-f]{32}$/);
  },
);

test("an unknown route is logged without its path", async () => {
  const headers = { "x-request-id": "lost" };
  await fetch(`${edge.url}/sk-secret-key?and=query`, { headers });
  await expect
    .poll(() => edge.log.find((line) => line.id === "lost"))
    .toEqual({
      id: "lost",
      method: "GET",
      route: "/*",
      status: 404,
      head_ms: expect.any(Number),
      duration_ms: expect.any(Number),
    });
});
