import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { formatNames, formats } from "../../shared/formats.ts";
import { sendSpeech } from "../support/edge-speech.ts";
import { decodeAs } from "../support/encodings.ts";
import { hasFfmpeg, withFfmpeg } from "../support/ffmpeg.ts";
import { loudness } from "../support/hearing.ts";
import { hello } from "../support/speech.ts";
import { startSystem, type TestSystem } from "../support/system.ts";

interface Exchange {
  retryCount: string | null;
  status: number;
  retryAfter: string | null;
  askedAt: number;
  answeredAt: number;
}

let system: TestSystem;
let openai: OpenAI;
let exchanges: Exchange[];
/** Is awaited before a request is sent again. */
let beforeRetry: Promise<unknown> | undefined;

beforeAll(async () => {
  system = await startSystem();
  openai = createClient(system);
  exchanges = [];
});

afterAll(() => system.close());

function createClient({ url }: TestSystem): OpenAI {
  return new OpenAI({
    baseURL: `${url}/v1`,
    apiKey: "sk-none",
    // The SDK's own requests, looked at on their way.
    async fetch(url, init) {
      const askedAt = performance.now();
      const retryCount = new Headers(init?.headers).get("x-stainless-retry-count");
      if (retryCount !== "0") await beforeRetry;
      const answer = await fetch(url, init);
      exchanges.push({
        retryCount,
        status: answer.status,
        retryAfter: answer.headers.get("retry-after"),
        askedAt,
        answeredAt: performance.now(),
      });
      return answer;
    },
  });
}

describe.each(formatNames)("asked for %s", (response_format) => {
  it.skipIf(!hasFfmpeg)(withFfmpeg("gets a file with sound"), async () => {
    const answer = await openai.audio.speech.create({
      ...hello,
      response_format: response_format as "mp3",
    });
    expect(answer.headers.get("content-type")).toBe(formats[response_format].type);
    const { pcm } = await decodeAs(response_format, Buffer.from(await answer.arrayBuffer()));
    expect(loudness(pcm)).toBeGreaterThan(0.02);
  });
});

it("speaks with the voice as an object and fields the SDK does not know", async () => {
  const answer = await openai.audio.speech.create({
    ...hello,
    voice: { id: "echo" },
    speed: 1.5,
    ...{ language: "en", seed: 7, sample_rate: 16_000 },
  });
  await answer.arrayBuffer();
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    "x-voice": "echo",
    "x-speaker": "Dylan",
    "x-seed": "7",
    "x-sample-rate": "16000",
  });
});

it("gets the request id with the answer", async () => {
  const { data, request_id } = await openai.audio.speech.create(hello).withResponse();
  await data.arrayBuffer();
  expect(request_id).toMatch(/^req_[0-9a-f]{32}$/);
});

it("lists models and retrieves each", async () => {
  const ids: string[] = [];
  for await (const model of openai.models.list()) ids.push(model.id);
  expect(ids).toContain("tts-1");
  for (const id of ids) expect((await openai.models.retrieve(id)).id).toBe(id);
});

it("raises its own type for each kind of refusal", async () => {
  const { speech } = openai.audio;
  await expect(speech.create({ ...hello, voice: "hal" })).rejects.toThrow(OpenAI.BadRequestError);
  await expect(openai.models.retrieve("whisper-1")).rejects.toThrow(OpenAI.NotFoundError);
  const tooLarge = await speech
    .create({ ...hello, input: "x".repeat(200_000) })
    .catch((cause: unknown) => cause);
  expect(tooLarge).toBeInstanceOf(OpenAI.APIError);
  expect(tooLarge).toMatchObject({ status: 413, code: "request_too_large" });
});

describe("at an origin with one place, which is taken", () => {
  /** Its engine speaks at a quarter of real time: this takes seconds, and a refusal tells of as many. */
  const slow = { input: "A long story, ".repeat(3), response_format: "wav" as const };
  let system: TestSystem;
  let openai: OpenAI;
  beforeAll(async () => {
    process.env.BUILTIN_PACE = "0.25";
    system = await startSystem({ MAX_STREAMS: "1" });
    delete process.env.BUILTIN_PACE;
    openai = createClient(system);
  });
  afterAll(() => system.close());

  async function takeTheOnlyPlace() {
    const sent = sendSpeech(system.url, slow);
    const answer = await sent.head;
    expect(answer.statusCode).toBe(200);
    answer.on("error", () => undefined);
    return { leave: sent.reset };
  }

  async function placesTaken(): Promise<number> {
    const metrics = await (await fetch(`${system.origin.url}/metrics`)).text();
    return Number(/^tts_active_streams (\d+)$/m.exec(metrics)?.[1]);
  }

  it("waits as long as it is told and speaks on its second attempt", async () => {
    const first = await takeTheOnlyPlace();
    exchanges = [];
    const speaking = openai.audio.speech.create(hello);
    await expect.poll(() => exchanges.length).toBe(1);
    first.leave();
    beforeRetry = expect.poll(placesTaken).toBe(0);
    await beforeRetry;
    await (await speaking).arrayBuffer();

    expect(exchanges).toMatchObject([
      { retryCount: "0", status: 503, retryAfter: expect.stringMatching(/^[1-9]\d?$/) },
      { retryCount: "1", status: 200, retryAfter: null },
    ]);
    const [refused, spoken] = exchanges;
    const toldMs = Number(refused?.retryAfter) * 1000;
    expect((spoken?.askedAt ?? 0) - (refused?.answeredAt ?? 0)).toBeGreaterThan(toldMs - 10);
  });

  it("raises an InternalServerError that says so when its attempts are used up", async () => {
    const first = await takeTheOnlyPlace();
    const error = await openai.audio.speech
      .create(hello, { maxRetries: 0 })
      .catch((cause: unknown) => cause);
    first.leave();
    expect(error).toBeInstanceOf(OpenAI.InternalServerError);
    expect(error).toMatchObject({
      status: 503,
      type: "service_unavailable_error",
      code: "server_is_overloaded",
      message: "503 All 1 places for speech are taken.",
    });
    await expect.poll(placesTaken).toBe(0);
  });

  it("gives the place back by aborting", async () => {
    const abort = new AbortController();
    const answer = await openai.audio.speech.create(
      { ...hello, ...slow },
      { signal: abort.signal },
    );
    const reader = answer.body?.getReader();
    await reader?.read();
    expect(await placesTaken()).toBe(1);
    abort.abort();
    await expect(reader?.read()).rejects.toThrow("aborted");
    await expect.poll(placesTaken).toBe(0);
  });
});
