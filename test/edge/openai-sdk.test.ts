import OpenAI, {
  AuthenticationError,
  BadRequestError,
  InternalServerError,
  NotFoundError,
  RateLimitError,
} from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Edges, startEdges } from "../support/edge.ts";
import { validSpeech } from "../support/edge-speech.ts";
import { type FramesOrigin, startFramesOrigin } from "../support/frames-origin.ts";
import {
  answerWith,
  breakOff,
  framesOf,
  noise,
  speak,
} from "../support/frames-origin-behaviours.ts";
import { makeKey, storeKey } from "../support/keys.ts";

const audio = noise(3000);

let origin: FramesOrigin;
let edges: Edges<"open" | "keys">;
let client: OpenAI;

beforeAll(async () => {
  origin = await startFramesOrigin();
  const ORIGIN_URLS = origin.url;
  edges = await startEdges({ open: { ORIGIN_URLS }, keys: { ORIGIN_URLS, AUTH: "keys" } });
  client = new OpenAI({ baseURL: `${edges.urls.open}/v1`, apiKey: "sk-any" });
});

afterAll(async () => {
  await edges.close();
  await origin.close();
});

async function rejection(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => "no error",
    (error) => error,
  );
}

describe("the OpenAI SDK", () => {
  test("speaks", async () => {
    origin.behave(speak(() => framesOf(audio)));
    const answer = await client.audio.speech.create(validSpeech);
    expect(Buffer.from(await answer.arrayBuffer()).equals(audio)).toBe(true);
  });

  test("lists models", async () => {
    const ids = (await client.models.list()).data.map((model) => model.id);
    expect(ids.slice(0, 3)).toEqual(["tts-1", "tts-1-hd", "gpt-4o-mini-tts"]);
  });

  test("raises a BadRequestError that names the field", async () => {
    const error = await rejection(client.audio.speech.create({ ...validSpeech, speed: 9 }));
    expect(error).toBeInstanceOf(BadRequestError);
    expect(error).toMatchObject({
      status: 400,
      message: "400 speed must be a number from 0.25 to 4; got 9",
      type: "invalid_request_error",
      code: "invalid_value",
      param: "speed",
      requestID: expect.stringMatching(/^req_/),
    });
  });

  test("raises a NotFoundError for an unknown model", async () => {
    const error = await rejection(client.models.retrieve("whisper-1"));
    expect(error).toBeInstanceOf(NotFoundError);
    expect(error).toMatchObject({
      code: "model_not_found",
      message: '404 There is no model "whisper-1".',
      requestID: expect.stringMatching(/^req_/),
    });
  });

  test("raises an InternalServerError for an origin that answers nonsense", async () => {
    origin.behave(answerWith(500, "<html></html>"));
    const error = await rejection(client.audio.speech.create(validSpeech, { maxRetries: 0 }));
    expect(error).toBeInstanceOf(InternalServerError);
    expect(error).toMatchObject({
      status: 502,
      message: "502 The speech origin answered 500 without an error of its own.",
      code: "bad_gateway",
      requestID: expect.stringMatching(/^req_/),
    });
  });

  test("does not retry what the origin says a retry would repeat", async () => {
    const envelope = { error: { message: "m", type: "t", param: null, code: "c" }, detail: "m" };
    origin.behave(answerWith(500, envelope, { "x-should-retry": "false" }));
    const before = origin.orders.length;
    const error = await rejection(client.audio.speech.create(validSpeech));
    expect(error).toMatchObject({ status: 500, message: "500 m", code: "c" });
    expect(origin.orders).toHaveLength(before + 1);
  });

  test("raises an error for audio that breaks off", async () => {
    origin.behave(breakOff(() => framesOf(audio), 2500, "clean"));
    const answer = await client.audio.speech.create(validSpeech);
    await expect(answer.arrayBuffer()).rejects.toThrow("terminated");
  });
});

describe("the OpenAI SDK with keys", () => {
  const withKey = (apiKey: string) => new OpenAI({ baseURL: `${edges.urls.keys}/v1`, apiKey });

  test("speaks and lists models", async () => {
    origin.behave(speak(() => framesOf(audio)));
    const { key } = await storeKey(edges);
    const answer = await withKey(key).audio.speech.create(validSpeech);
    expect(Buffer.from(await answer.arrayBuffer()).equals(audio)).toBe(true);
    expect((await withKey(key).models.list()).data).not.toEqual([]);
  });

  test("raises an AuthenticationError for a key that nobody made", async () => {
    const { key } = await makeKey();
    const error = await rejection(withKey(key).audio.speech.create(validSpeech));
    expect(error).toBeInstanceOf(AuthenticationError);
    expect(error).toMatchObject({ status: 401, code: "invalid_api_key" });
  });

  test("raises a RateLimitError without a retry when the day's characters are used up", async () => {
    const { key } = await storeKey(edges, { characters_per_day: 1 });
    const error = await rejection(withKey(key).audio.speech.create(validSpeech));
    expect(error).toBeInstanceOf(RateLimitError);
    expect(error).toMatchObject({ status: 429, code: "insufficient_quota" });
    const refused = () => edges.log.filter(({ status }) => status === 429).length;
    await expect.poll(refused).toBe(1);
  });
});
