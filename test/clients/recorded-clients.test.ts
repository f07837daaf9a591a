import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { modelListSchema } from "../../shared/answers.ts";
import { decode, hasFfmpeg, withFfmpeg } from "../support/ffmpeg.ts";
import { loudness } from "../support/hearing.ts";
import { type RawAnswer, sendRaw } from "../support/raw-request.ts";
import {
  aiohttpSpeech,
  openaiPythonModels,
  openaiPythonSpeech,
  openaiPythonStreamedSpeech,
  requestsGet,
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

describe("openai-python", () => {
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
});

// Open WebUI at 6adde20 (a stored source, without a release's number): backend/open_webui/routers/audio.py.
describe("Open WebUI", () => {
  /** What it reads of a list that it asks for without a key. */
  async function listed(path: string, key: string): Promise<Record<string, string>[]> {
    const answer = await sendRaw(system.url, requestsGet(path));
    expect(answer.status).toBe(200);
    return JSON.parse(answer.body.toString())[key];
  }

  it("finds the models' ids under `models`", async () => {
    const ids = (await listed("/v1/audio/models", "models")).map((model) => model.id);
    expect(ids.slice(0, 3)).toEqual(["tts-1", "tts-1-hd", "gpt-4o-mini-tts"]);
  });

  it("finds an id and a name in each of `voices`", async () => {
    const voices = await listed("/v1/audio/voices", "voices");
    expect(voices[0]).toMatchObject({ id: "alloy", name: "Vivian" });
    for (const { id, name } of voices) expect([id, name]).not.toContain(undefined);
  });

  it.skipIf(!hasFfmpeg)(
    withFfmpeg("keeps the answer for what it has listed as an mp3 file"),
    async () => {
      const models = (await listed("/v1/audio/models", "models")).slice(0, 1);
      const voices = (await listed("/v1/audio/voices", "voices")).slice(0, 2);
      const directory = await mkdtemp(join(tmpdir(), "front-ends-"));
      try {
        for (const { id: model } of models) {
          for (const { id: voice } of voices) {
            const payload = `{"input": "Caf\\u00e9.", "voice": "${voice}", "model": "${model}", "speed": 1.1, "user": "ada"}`;
            const answer = await sendRaw(system.url, aiohttpSpeech, payload);
            expect(answer.status).toBe(200);
            const file = join(directory, `${model}-${voice}.mp3`);
            await writeFile(file, answer.body);
            expect(loudness((await decode(await readFile(file))).pcm)).toBeGreaterThan(0.02);
          }
        }
      } finally {
        await rm(directory, { recursive: true });
      }
    },
  );

  it("finds the words of a refusal in `error.message`", async () => {
    const payload = '{"input": "Hello.", "voice": "hal", "model": "tts-1"}';
    const answer = await sendRaw(system.url, aiohttpSpeech, payload);
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body.toString()).error.message).toMatch(/^voice must be one of/);
  });
});

// SillyTavern 1.13.0 at 00a72b5, a stored source: src/endpoints/openai.js sends by node-fetch what the page's
// public/scripts/extensions/tts/openai-compatible.js asks of it, and hands the page an answer, or a 500 with its text.
describe("SillyTavern", () => {
  const defaultVoices = ["alloy", "echo", "fable", "onyx", "nova", "shimmer"];

  function generate(voice: string, speed: number): Promise<Response> {
    return fetch(`${system.url}/v1/audio/speech`, {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        Authorization: "Bearer ",
        "User-Agent": "node-fetch",
        "Accept-Encoding": "gzip, deflate, br",
      },
      body: JSON.stringify({
        input: "Hello there.",
        response_format: "mp3",
        voice,
        speed,
        model: "tts-1",
      }),
    });
  }

  it.skipIf(!hasFfmpeg)(withFfmpeg("plays each of its voices at any speed"), async () => {
    for (const [i, voice] of defaultVoices.entries()) {
      const answer = await generate(voice, 0.25 + 0.75 * i);
      expect(answer.status).toBe(200);
      const blob = await answer.blob();
      expect(blob.type).toBe("audio/mpeg");
      const { pcm } = await decode(new Uint8Array(await blob.arrayBuffer()));
      expect(loudness(pcm)).toBeGreaterThan(0.02);
    }
  });

  it("has a text to show for a refusal", async () => {
    const answer = await generate("hal", 1);
    expect([answer.status, answer.statusText]).toEqual([400, "Bad Request"]);
    expect(await answer.text()).toContain("voice must be one of");
  });
});

// wyoming_openai 0.4.1 at 614b6df (2026-02-28): src/wyoming_openai/compatibility.py finds out what it talks to and
// handler.py speaks, by openai 2.15.0 with an empty key. The head is recorded from a newer openai, with the names of that one.
describe("wyoming_openai", () => {
  const voices = ["alloy", "ash", "coral", "echo", "fable", "onyx", "nova", "sage", "shimmer"];
  const head = openaiPythonStreamedSpeech
    .replace(/^authorization:.*\n/m, "")
    .replaceAll("3.22.1", "2.15.0")
    .replace("OpenAI/Python", "AsyncOpenAI/Python")
    .replace("x-stainless-async: false", "x-stainless-async: async:asyncio");

  it("takes it for OpenAI, and not for LocalAI, Speaches or Kokoro-FastAPI", async () => {
    const probe = async (path: string) => {
      const request = requestsGet(path).replace(/python-requests\/\S+/, "python-httpx/0.28.1");
      const { status, body } = await sendRaw(system.url, request);
      return { isOk: status >= 200 && status < 300, text: body.toString() };
    };
    expect((await probe("/v1/readyz")).isOk).toBe(false);
    expect((await probe("/health")).text).not.toBe("OK");
    expect((await probe("/v1/test")).isOk).toBe(false);
  });

  it.each(voices)("finds the header of WAV in the first 2048 bytes, voice %s", async (voice) => {
    const body = `{"input":"Lights on.","model":"tts-1","voice":"${voice}","response_format":"wav","speed":1.0}`;
    const answer = await sendRaw(system.url, head, body);
    expect(answer.status).toBe(200);
    const first = content(answer).subarray(0, 2048);
    expect(first.toString("latin1", 0, 4)).toBe("RIFF");
    expect(first.toString("latin1", 36, 40)).toBe("data");
    // Channels, rate and bits per sample, which it tells Home Assistant.
    expect([first.readUInt16LE(22), first.readUInt32LE(24), first.readUInt16LE(34)]).toEqual([
      1, 24_000, 16,
    ]);
    const samples = content(answer).subarray(44);
    const pcm = Float32Array.from(
      { length: samples.length >> 1 },
      (_, i) => samples.readInt16LE(2 * i) / 32_768,
    );
    expect(loudness(pcm)).toBeGreaterThan(0.02);
  });
});

describe("a web page of another origin", () => {
  const origin = "https://player.example";

  it("may ask for speech as the OpenAI SDK does in a browser", async () => {
    const asked = "authorization,content-type,x-stainless-lang,x-stainless-retry-count";
    const preflight = await fetch(`${system.url}/v1/audio/speech`, {
      method: "OPTIONS",
      headers: {
        origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": asked,
      },
    });
    expect(preflight.status).toBe(204);
    const allowed = (name: string) =>
      preflight.headers.get(`access-control-allow-${name}`)?.toLowerCase().replaceAll(" ", "");
    expect(allowed("origin")).toBe("*");
    expect(allowed("methods")?.split(",")).toContain("post");
    expect(allowed("headers")?.split(",")).toEqual(expect.arrayContaining(asked.split(",")));
  });

  it.each([
    ["alloy", 200],
    ["hal", 400],
  ])("reads body and headers of an answer: voice %s, %i", async (voice, status) => {
    const answer = await fetch(`${system.url}/v1/audio/speech`, {
      method: "POST",
      headers: { origin, "content-type": "application/json" },
      body: JSON.stringify({ model: "tts-1", input: "Hello.", voice }),
    });
    expect(answer.status).toBe(status);
    expect(answer.headers.get("access-control-allow-origin")).toBe("*");
    const exposed = answer.headers.get("access-control-expose-headers")?.split(",");
    const read = ["x-request-id", "retry-after", "x-model", "x-voice", "x-engine", "x-seed"];
    expect(exposed).toEqual(expect.arrayContaining(read));
    // `<audio>` goes by the type of the blob behind its URL.
    if (answer.ok) expect((await answer.blob()).type).toBe("audio/mpeg");
    else expect(await answer.json()).toMatchObject({ error: { param: "voice" } });
  });
});
