import OpenAI, { AzureOpenAI, NotFoundError } from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Origin } from "../../origin/http/server.ts";
import { findEncodingProblem } from "../../shared/encoding-rules.ts";
import { outputFormats } from "../../shared/http/elevenlabs.ts";
import { type Edges, startEdges } from "../support/edge.ts";
import { type FramesOrigin, startFramesOrigin } from "../support/frames-origin.ts";
import { storeKey } from "../support/keys.ts";
import { send } from "../support/sockets.ts";
import { hello, postSpeech } from "../support/speech.ts";
import { startTestOrigin } from "../support/system.ts";

const token = "only-for-this-test";

let origin: Origin;
let guarded: Origin;
let silent: FramesOrigin;
let edges: Edges<"open" | "keys" | "silent">;

beforeAll(async () => {
  origin = await startTestOrigin({ ENGINE: "builtin" });
  guarded = await startTestOrigin({ ENGINE: "builtin", ORIGIN_TOKEN: token });
  silent = await startFramesOrigin();
  silent.behave(() => {});
  edges = await startEdges({
    open: { ORIGIN_URLS: origin.url, AUDIO: "audio", FLIGHTS: true },
    keys: { ORIGIN_URLS: origin.url, AUTH: "keys" },
    silent: { ORIGIN_URLS: silent.url, FLIGHTS: true },
  });
});

afterAll(async () => {
  await edges.close();
  await silent.close();
  await guarded.close();
  await origin.close();
});

const programs = ["edge", "origin"] as const;

function urlOf(program: (typeof programs)[number]): string {
  return program === "edge" ? edges.urls.open : origin.url;
}

function post(url: string, body: object | string, headers: Record<string, string> = {}) {
  return fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

async function errorOf(answer: Response): Promise<Record<string, unknown>> {
  const body = (await answer.json()) as { error: Record<string, unknown>; detail: unknown };
  return { status: answer.status, ...body.error, detail: body.detail };
}

/** The same speech, asked for as OpenAI's clients do. */
async function openaiForm(url: string, fields: object) {
  const answer = await postSpeech(url, { ...fields });
  return {
    body: Buffer.from(await answer.arrayBuffer()),
    cache: answer.headers.get("x-cache"),
    seed: answer.headers.get("x-seed"),
  };
}

describe.each(programs)("at the %s, Azure's SDK", (program) => {
  function client(deployment?: string) {
    return new AzureOpenAI({
      endpoint: urlOf(program),
      apiKey: "any",
      apiVersion: "2025-03-01-preview",
      maxRetries: 0,
      ...(deployment ? { deployment } : {}),
    });
  }

  it("speaks with the deployment as the model, what OpenAI's route says", async () => {
    const asked = { ...hello, input: `Azure at the ${program}.` };
    const answer = await client("tts-1").audio.speech.create({ ...asked, model: "my-model" });
    const body = Buffer.from(await answer.arrayBuffer());
    expect(answer.headers.get("x-resolved-model")).toBe("qwen3-tts-12hz-0.6b-custom-voice");
    expect(answer.headers.get("x-ignored-fields")).toBe("body.model");
    const same = await openaiForm(urlOf(program), asked);
    expect(body.equals(same.body)).toBe(true);
    if (program === "edge") expect(same.cache).toBe("HIT");
  });

  it("takes the model for the deployment where none is named", async () => {
    const answer = await client().audio.speech.create({ ...hello, model: "tts-1-hd" });
    expect(answer.headers.get("x-model")).toBe("tts-1-hd");
    expect(answer.headers.get("x-ignored-fields")).toBeNull();
    await answer.arrayBuffer();
  });

  it("is told of a deployment that is not there", async () => {
    const error = await client("gpt-5")
      .audio.speech.create(hello)
      .catch((cause) => cause);
    expect(error).toBeInstanceOf(NotFoundError);
    expect(error).toMatchObject({ code: "model_not_found", param: "deployment" });
    expect(error.message).toMatch(/deployment must be one of tts-1, .*; got "gpt-5"$/);
  });

  it("speaks by the newer path, too", async () => {
    const openai = new OpenAI({ baseURL: `${urlOf(program)}/openai/v1/`, apiKey: "any" });
    const answer = await openai.audio.speech.create(hello);
    expect(answer.headers.get("x-model")).toBe("tts-1");
    await answer.arrayBuffer();
  });
});

describe.each(programs)("at the %s, ElevenLabs' route", (program) => {
  const speak = (path: string, body: object | string) =>
    post(`${urlOf(program)}/v1/text-to-speech/${path}`, body);

  it.each([
    ["alloy", "mp3", 44_100, 128_000],
    ["alloy/stream?output_format=mp3_22050_32", "mp3", 22_050, 32_000],
    ["Vivian/stream/?output_format=pcm_24000", "pcm", 24_000, undefined],
    ["Vivian?output_format=wav_8000", "wav", 8_000, undefined],
    ["alloy?output_format=opus_48000_64", "opus", 48_000, 64_000],
    ["alloy/stream?output_format=ulaw_8000", "mulaw", 8_000, undefined],
    ["Vivian?output_format=alaw_8000", "alaw", 8_000, undefined],
  ])("%s speaks as OpenAI's does, and is the same file", async (path, format, rate, bitrate) => {
    const text = `As ${format} at the ${program}.`;
    const settings = { speed: 1.2, stability: 0.5, similarity_boost: null };
    const body = { text, model_id: "tts-1-hd", voice_settings: settings, language_code: "en" };
    const answer = await speak(path, { ...body, seed: 7, next_text: null });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("x-model")).toBe("tts-1-hd");
    expect(answer.headers.get("x-sample-rate")).toBe(String(rate));
    expect(answer.headers.get("x-ignored-fields")).toContain("voice_settings.stability");
    expect(answer.headers.get("x-ignored-fields")).not.toMatch(/similarity_boost|next_text/);
    const audio = Buffer.from(await answer.arrayBuffer());

    const same = await openaiForm(urlOf(program), {
      input: text,
      model: "tts-1-hd",
      voice: path.startsWith("alloy") ? "alloy" : "vivian",
      language: "english",
      speed: 1.2,
      seed: 7,
      response_format: format,
      sample_rate: rate,
      ...(bitrate ? { bitrate } : {}),
    });

    const header = format === "wav" ? 44 : 0;
    expect(audio.byteLength).toBeGreaterThan(1000);
    expect(audio.subarray(header).equals(same.body.subarray(header))).toBe(true);
    if (program === "edge") expect(same.cache).toBe("HIT");
  });

  it.each([
    [undefined, "tts-1"],
    ["eleven_multilingual_v2", "tts-1"],
    ["eleven_v3", "tts-1"],
    ["tts-1-hd-es", "tts-1-hd-es"],
  ])("speaks for the model %s with %s, and says so", async (model_id, model) => {
    const answer = await speak("alloy", { text: "Hola.", model_id });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("x-model")).toBe(model);
    expect(answer.headers.get("x-resolved-model")).toMatch(/^qwen3-tts-12hz-/);
    await answer.arrayBuffer();
  });

  it.runIf(program === "origin")(
    "speaks with the operator's default where no model is named, and with what the operator calls one of theirs",
    async () => {
      const named = { DEFAULT_MODEL: "tts-1-fr", MODEL_ALIASES: '{"eleven_v3": "tts-1-hd"}' };
      const here = await startTestOrigin({ ENGINE: "builtin", ...named });
      const models = [];
      for (const model_id of [undefined, "eleven_turbo_v2", "eleven_v3"]) {
        const path = "/v1/text-to-speech/alloy?output_format=pcm_24000";
        const answer = await post(here.url + path, { text: "Oui.", model_id });
        models.push([answer.headers.get("x-model"), answer.headers.get("x-resolved-model")]);
        await answer.arrayBuffer();
      }
      await here.close();
      expect(models).toEqual([
        ["tts-1-fr", "qwen3-tts-12hz-0.6b-custom-voice"],
        ["tts-1-fr", "qwen3-tts-12hz-0.6b-custom-voice"],
        ["eleven_v3", "qwen3-tts-12hz-1.7b-custom-voice"],
      ]);
    },
  );

  const hi = { text: "Hello." };

  it.each<[string, string, object | string, object]>([
    [
      "a voice of theirs",
      "21m00Tcm4TlvDq8ikWAM",
      hi,
      {
        status: 404,
        code: "voice_not_found",
        param: "voice_id",
        message: expect.stringMatching(
          /^voice_id must be one of alloy, .* "21m00Tcm4TlvDq8ikWAM"$/,
        ),
      },
    ],
    [
      "a format that is not had",
      "alloy?output_format=ulaw_16000",
      hi,
      {
        status: 400,
        code: "unsupported_format",
        param: "output_format",
        message: expect.stringMatching(
          /^output_format must be one of mp3_22050_32, .* "ulaw_16000"$/,
        ),
      },
    ],
    [
      "a model of neither",
      "alloy",
      { ...hi, model_id: "whisper-1" },
      {
        status: 400,
        code: "model_not_found",
        param: "model_id",
        message: expect.stringMatching(/^model_id must be one of tts-1, .* "whisper-1"$/),
      },
    ],
    [
      "no text",
      "alloy",
      { input: null },
      {
        status: 400,
        code: "missing_required_parameter",
        param: "text",
        message: "text is required",
      },
    ],
    [
      "a text under OpenAI's name",
      "alloy",
      { input: "Hello." },
      {
        status: 400,
        code: "invalid_value",
        param: "text",
        message: "text is what OpenAI calls input, which must be left out here",
      },
    ],
    [
      "a speed that is not had",
      "alloy",
      { ...hi, voice_settings: { speed: 9 } },
      {
        status: 400,
        code: "invalid_value",
        param: "voice_settings.speed",
        message: "voice_settings.speed must be a number from 0.25 to 4; got 9",
      },
    ],
    [
      "settings that are none",
      "alloy",
      { ...hi, voice_settings: "fast" },
      {
        status: 400,
        code: "invalid_value",
        param: "voice_settings",
        message: 'voice_settings must be an object; got "fast"',
      },
    ],
    [
      "a language that is not had",
      "alloy",
      { ...hi, language_code: "xx" },
      { status: 400, code: "unsupported_language", param: "language_code" },
    ],
    [
      "broken JSON",
      "alloy",
      '{"text": "Hello.',
      { status: 400, code: "invalid_json", param: null },
    ],
    [
      "a speed too large for a number",
      "alloy",
      '{"text": "Hello.", "voice_settings": {"speed": 1e999}}',
      { status: 400, code: "invalid_value", param: "voice_settings.speed" },
    ],
    ["a list", "alloy", [], { status: 400, code: "invalid_value", param: null }],
  ])("refuses %s, in their words and in ours", async (_what, path, body, expected) => {
    const error = await errorOf(await speak(path, body));
    expect(error).toMatchObject(expected);
    const { code, message } = error;
    expect(error.detail).toEqual({ status: code, message });
  });

  it("takes POST alone", async () => {
    const answer = await fetch(`${urlOf(program)}/v1/text-to-speech/alloy`);
    expect(answer.status).toBe(405);
    expect(answer.headers.get("allow")).toBe("POST, OPTIONS");
  });
});

it("gives every output format an encoding that there is", () => {
  for (const [code, { response_format, sample_rate, bitrate }] of outputFormats) {
    expect(findEncodingProblem(response_format, sample_rate, bitrate ?? null), code).toBe(
      undefined,
    );
  }
});

it("keeps nothing for who wants no logging", async () => {
  const url = `${edges.urls.open}/v1/text-to-speech/alloy?enable_logging=false`;
  const body = { text: "Nobody heard this." };
  const answer = await post(url, body);
  expect(answer.headers.get("x-cache")).toBe("BYPASS");
  await answer.arrayBuffer();
  const { cache } = await openaiForm(edges.urls.open, {
    input: body.text,
    sample_rate: 44_100,
    bitrate: 128_000,
  });
  expect(cache).toBe("MISS");
});

it("ends the origin's work for a client that leaves before the first audio", async () => {
  const url = `${edges.urls.silent}/v1/text-to-speech/alloy`;
  const headers = { "content-type": "application/json" };
  for (const query of ["", "?enable_logging=false"]) {
    const orders = silent.orders.length;
    const sent = send(url + query, { method: "POST", headers, body: '{"text":"Hello."}' });
    sent.head.catch(() => undefined);
    await expect.poll(() => silent.orders.length, { timeout: 60_000 }).toBe(orders + 1);
    sent.reset();
    expect(await silent.orders.at(-1)?.over).toBe(false);
  }
});

describe("a key", () => {
  const azurePath = "/openai/deployments/tts-1/audio/speech?api-version=2025-03-01-preview";
  const elevenLabsPath = "/v1/text-to-speech/alloy";

  it.each([
    ["api-key", azurePath],
    ["xi-api-key", elevenLabsPath],
    ["xi-api-key", "/v1/audio/speech"],
  ])("in %s speaks at %s, and spends what it has", async (header, path) => {
    const { key } = await storeKey(edges, { characters_per_day: 100 });
    const fields = { ...(path === elevenLabsPath ? { text: "Hello." } : hello) };
    const answer = await post(edges.urls.keys + path, fields, { [header]: key });
    expect(answer.status).toBe(200);
    const left = path === elevenLabsPath ? 94 : 87;
    expect(answer.headers.get("x-ratelimit-remaining-characters")).toBe(String(left));
    await answer.arrayBuffer();
  });

  it.each<[string, object, Parameters<typeof storeKey>[1], object]>([
    ["for other things", { text: "Hi." }, { scopes: ["files"] }, { code: "insufficient_scope" }],
    ["for other models", { text: "Hi." }, { models: ["tts-1-hd"] }, { code: "model_not_allowed" }],
    [
      "with nothing left",
      { text: "Hello." },
      { characters_per_day: 3 },
      { code: "insufficient_quota" },
    ],
  ])("%s does not, and the client is told why", async (_what, body, fields, expected) => {
    const { key } = await storeKey(edges, fields);
    const answer = await post(edges.urls.keys + elevenLabsPath, body, { "xi-api-key": key });
    const error = await errorOf(answer);
    expect(error).toMatchObject(expected);
    expect(error.detail).toMatchObject({ status: error.code });
  });

  it("that is missing or bad is asked for before the body is read", async () => {
    const none = await post(edges.urls.keys + elevenLabsPath, {});
    expect(await errorOf(none)).toMatchObject({
      status: 401,
      code: "missing_api_key",
      detail: { status: "missing_api_key", message: expect.stringMatching(/key/) },
    });
    const bad = await post(edges.urls.keys + azurePath, {}, { "api-key": "abc" });
    expect(await errorOf(bad)).toMatchObject({
      status: 401,
      code: "invalid_api_key",
      message: expect.stringMatching(/^api-key must be one key of this server/),
    });
  });

  it("of an origin alone is taken, and asked for, in the same headers", async () => {
    const url = guarded.url;
    expect((await post(url + elevenLabsPath, {})).status).toBe(401);
    expect((await post(url + azurePath, {}, { "api-key": "abc" })).status).toBe(401);
    expect((await post(`${url}/v1//text-to-speech/alloy/stream/`, {})).status).toBe(401);
    const answer = await post(url + azurePath, hello, { "api-key": token });
    expect(answer.status).toBe(200);
    await answer.arrayBuffer();
  });
});
