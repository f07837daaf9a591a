import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { modelListSchema } from "../../shared/answers.ts";
import { decode, hasFfmpeg, withFfmpeg } from "../support/ffmpeg.ts";
import { loudness } from "../support/hearing.ts";
import { type RawAnswer, sendRaw } from "../support/raw-request.ts";
import {
  openaiPythonModels,
  openaiPythonSpeech,
  openaiPythonStreamedSpeech,
} from "../support/recorded-requests.ts";
import { startSystem, type TestSystem } from "../support/system.ts";

let system: TestSystem;

beforeAll(async () => {
  system = await startSystem();
});

afterAll(() => system.close());

/** The body as httpx hands it over: it takes off the encodings it asked for. */
function content({ headers, body }: RawAnswer): Buffer {
  return headers.get("content-encoding") === "gzip" ? gunzipSync(body) : body;
}

describe.skipIf(!hasFfmpeg)(withFfmpeg("speaks"), () => {
  it.each([
    [
      "with the least",
      openaiPythonSpeech,
      '{"input":"Hello, world!","model":"tts-1","voice":"alloy"}',
      "audio/mpeg",
    ],
    [
      "with fields of its own and extra_body",
      openaiPythonSpeech,
      '{"input":"Héllo, \\"wörld\\"! 🦊","model":"tts-1","voice":"alloy","instructions":"Softly.","response_format":"wav","speed":1.25,"language":"en"}',
      "audio/wav",
    ],
    [
      "to with_streaming_response",
      openaiPythonStreamedSpeech,
      '{"input":"Hello","model":"tts-1","voice":"alloy"}',
      "audio/mpeg",
    ],
  ])("%s", async (_name, head, body, type) => {
    const answer = await sendRaw(system.url, head, body);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe(type);
    expect(answer.headers.get("x-request-id")).toMatch(/^req_/);
    expect(loudness((await decode(content(answer))).pcm)).toBeGreaterThan(0.02);
  });
});

it("reads lines of server-sent events, the last of them done with usage", async () => {
  const body = '{"input":"Hello","model":"tts-1","voice":"alloy","stream_format":"sse"}';
  const answer = await sendRaw(system.url, openaiPythonStreamedSpeech, body);
  const events = content(answer)
    .toString()
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line.replace(/^data: /, "")));
  expect(new Set(events.slice(0, -1).map(({ type }) => type))).toEqual(
    new Set(["speech.audio.delta"]),
  );
  const { usage } = events.at(-1);
  expect(events.at(-1)).toMatchObject({ type: "speech.audio.done" });
  expect(usage.total_tokens).toBe(usage.input_tokens + usage.output_tokens);
});

it("lists models", async () => {
  const answer = await sendRaw(system.url, openaiPythonModels);
  const { data } = modelListSchema.parse(JSON.parse(content(answer).toString()));
  expect(data.map(({ id }) => id)).toContain("tts-1");
});

it("finds message, type, param and code in `error`, and the request id", async () => {
  const body = '{"input":"Hello","model":"tts-1","voice":"hal"}';
  const answer = await sendRaw(system.url, openaiPythonSpeech, body);
  expect(answer.status).toBe(400);
  expect(answer.headers.get("content-type")).toMatch(/^application\/json/);
  expect(answer.headers.get("x-request-id")).toMatch(/^req_/);
  expect(JSON.parse(content(answer).toString()).error).toEqual({
    message: expect.stringMatching(/^voice must be one of .*; got "hal"$/),
    type: "invalid_request_error",
    param: "voice",
    code: "voice_not_found",
  });
});
