import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { base64AnswerSchema } from "../../shared/answers.ts";
import { errorEnvelopeSchema } from "../../shared/api-error.ts";
import { decode, hasFfmpeg, withFfmpeg } from "../support/ffmpeg.ts";
import { loudness } from "../support/hearing.ts";
import { sendRaw } from "../support/raw-request.ts";
import { requestsSpeech } from "../support/recorded-requests.ts";
import { missingPrograms, runShell } from "../support/shell.ts";
import { startSystem, type TestSystem } from "../support/system.ts";

let system: TestSystem;

beforeAll(async () => {
  system = await startSystem();
});

afterAll(() => system.close());

/** The examples of the API document this service answers to, "Routers Module Documentation" of 2026-02-01. */
const documented = {
  speech: `curl -X POST http://localhost:8000/v1/audio/speech \\
  -H "Content-Type: application/json" \\
  -d '{
    "model": "tts-1",
    "input": "Hello, world!",
    "voice": "alloy",
    "response_format": "mp3"
  }' \\
  --output output.mp3`,
  models: "curl http://localhost:8000/v1/audio/models",
  voices: "curl http://localhost:8000/v1/audio/voices",
  base64: `curl -X POST http://localhost:8000/v1/audio/speech/base64 \\
  -H "Content-Type: application/json" \\
  -d '{
    "model": "tts-1",
    "input": "Hello!",
    "voice": "alloy"
  }' | jq -r '.audio' | base64 -d > output.mp3`,
  payload: {
    model: "tts-1",
    input: "Hello, world!",
    voice: "alloy",
    response_format: "mp3",
    speed: 1.0,
  },
};

function here(command: string): string {
  return command.replaceAll(/http:\/\/localhost:\d+/g, system.url);
}

const missing = missingPrograms("curl", "jq", "base64", ...(hasFfmpeg ? [] : ["ffmpeg"]));
const withPrograms = missing.length > 0 ? ` (skipped: no ${missing.join(", ")} on the PATH)` : "";

describe.skipIf(missing.length > 0)(`in a shell${withPrograms}`, () => {
  it("the README's curl command writes a file that plays", async () => {
    const readme = await readFile("README.md", "utf8");
    const [command = ""] = /^ {4}curl http:.+\n.+--output hello\.mp3$/m.exec(readme) ?? [];
    const { files } = await runShell(here(command));
    expect([...files.keys()]).toEqual(["hello.mp3"]);
    const { pcm } = await decode(files.get("hello.mp3") ?? Buffer.of());
    expect(loudness(pcm)).toBeGreaterThan(0.02);
  });

  it.each(["speech", "base64"] as const)(
    "the document's command for %s writes a file that plays",
    async (name) => {
      const { files } = await runShell(here(documented[name]));
      const { pcm } = await decode(files.get("output.mp3") ?? Buffer.of());
      expect(loudness(pcm)).toBeGreaterThan(0.02);
    },
  );

  it("the document's command lists models as it says", async () => {
    const { object, data } = JSON.parse((await runShell(here(documented.models))).stdout);
    expect(object).toBe("list");
    for (const id of ["tts-1", "qwen3-tts-12hz-1.7b-voice-design"]) {
      const model = { id, object: "model", created: 1_700_000_000, owned_by: "qwen3-tts" };
      expect(data).toContainEqual(expect.objectContaining(model));
    }
  });

  it("the document's command lists voices as it says", async () => {
    const { voices } = JSON.parse((await runShell(here(documented.voices))).stdout);
    const named = Object.fromEntries(
      voices.map((voice: Record<string, string>) => [voice.voice_id, voice.name]),
    );
    expect(named).toMatchObject({
      alloy: "Vivian",
      ash: "Serena",
      coral: "Uncle_Fu",
      echo: "Dylan",
      fable: "Eric",
      onyx: "Ryan",
      nova: "Aiden",
      sage: "Ono_Anna",
      shimmer: "Sohee",
    });
    for (const { voice_id, preview_url } of voices) {
      expect(preview_url).toBe(`${system.url}/v1/audio/voices/${voice_id}/preview.mp3`);
    }
  });
});

describe("the document's examples in other languages", () => {
  it.skipIf(!hasFfmpeg)(withFfmpeg("Python's requests gets the headers and a file"), async () => {
    const answer = await sendRaw(system.url, requestsSpeech, JSON.stringify(documented.payload));
    expect(answer.status).toBe(200);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      "content-type": "audio/mpeg",
      "content-disposition": expect.stringMatching(/^attachment; filename=".+\.mp3"$/),
      "x-model": "tts-1",
      "x-voice": "alloy",
    });
    expect(loudness((await decode(answer.body)).pcm)).toBeGreaterThan(0.02);
  });

  it.skipIf(!hasFfmpeg)(withFfmpeg("JavaScript reads chunk after chunk"), async () => {
    const response = await fetch(`${system.url}/v1/audio/speech`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(documented.payload),
    });
    const reader = response.body?.getReader();
    const chunks: Uint8Array[] = [];
    while (reader) {
      const { done, value } = await reader.read();
      if (done) break;
      chunks.push(value);
    }
    expect(loudness((await decode(Buffer.concat(chunks))).pcm)).toBeGreaterThan(0.02);
  });

  it("JavaScript is told which header the document's call lacks", async () => {
    const response = await fetch(`${system.url}/v1/audio/speech`, {
      method: "POST",
      body: JSON.stringify(documented.payload),
    });
    expect(response.status).toBe(415);
    expect(errorEnvelopeSchema.parse(await response.json()).detail).toBe(
      'Content-Type must be application/json; got "text/plain;charset=UTF-8"',
    );
  });
});

it("gives the details of one voice", async () => {
  const answer = await fetch(`${system.url}/v1/audio/voices/alloy`);
  expect(await answer.json()).toMatchObject({
    voice_id: "alloy",
    name: "Vivian",
    preview_url: `${system.url}/v1/audio/voices/alloy/preview.mp3`,
  });
});

it.each([
  ["GET", "/v1/audio/voices/hal", undefined, 404, 'There is no voice "hal".'],
  ["POST", "/v1/audio/speech", { voice: "hal" }, 400, "voice must be one of"],
  ["POST", "/v1/audio/speech", { model: "tts-9" }, 400, "model must be one of"],
])("says in `detail` what went wrong: %s %s %j", async (method, path, change, status, words) => {
  const answer = await fetch(system.url + path, {
    method,
    headers: { "content-type": "application/json" },
    ...(change ? { body: JSON.stringify({ ...documented.payload, ...change }) } : {}),
  });
  expect(answer.status).toBe(status);
  const { detail } = errorEnvelopeSchema.parse(await answer.json());
  expect(detail.slice(0, words.length)).toBe(words);
});

it("answers base64 with the fields of the document", async () => {
  const answer = await fetch(`${system.url}/v1/audio/speech/base64`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(documented.payload),
  });
  const { audio, format, sample_rate, duration_ms } = base64AnswerSchema.parse(await answer.json());
  expect([format, sample_rate]).toEqual(["mp3", 24_000]);
  expect(duration_ms).toBeGreaterThan(500);
  expect(Buffer.from(audio, "base64").byteLength).toBeGreaterThan(4_000);
});
