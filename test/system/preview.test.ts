import { afterAll, beforeAll, expect, it } from "vitest";
import { type Voice, voiceListSchema } from "../../shared/answers.ts";
import { samples } from "../../shared/samples.ts";
import { postSpeech } from "../support/speech.ts";
import { startSystem, type TestSystem } from "../support/system.ts";

let system: TestSystem;
let voices: Voice[];

beforeAll(async () => {
  system = await startSystem({}, { AUTH: "keys", AUDIO: "audio" });
  const answer = await fetch(`${system.url}/v1/audio/voices`);
  const listed = voiceListSchema.parse(await answer.json()).voices;
  voices = listed.filter((voice) => voice.type === "preset");
});

afterAll(() => system.close());

async function hear(url: string | null | undefined, init: RequestInit = {}) {
  const answer = await fetch(url ?? "", init);
  return { answer, bytes: Buffer.from(await answer.arrayBuffer()) };
}

async function spoken(fields: Record<string, unknown>): Promise<Buffer> {
  return Buffer.from(await (await postSpeech(system.origin.url, fields)).arrayBuffer());
}

it("is heard without a key, is what the voice says natively, and then kept", async () => {
  const url = voices.find(({ id }) => id === "onyx")?.preview_url;
  const first = await hear(url);
  expect(first.answer.headers.get("content-type")).toBe("audio/mpeg");
  expect(first.answer.headers.get("cache-control")).toBe("public, max-age=3600");
  const fields = { voice: "onyx", input: samples.english, language: "english" };
  expect(first.bytes.equals(await spoken(fields))).toBe(true);
  // Nobody who has no key draws new takes.
  const again = await hear(url, { headers: { "cache-control": "no-cache" } });
  expect(again.answer.headers.get("x-cache")).toBe("HIT");
  expect(again.bytes.equals(first.bytes)).toBe(true);
});

it("speaks the language and with the model that are asked for, and the same at an origin", async () => {
  const query = "?language=de-AT&model=tts-1-hd";
  const there = await hear(`${system.origin.url}/v1/audio/voices/alloy/preview.mp3${query}`);
  const fields = { model: "tts-1-hd", input: samples.german, language: "german" };
  expect(there.bytes.equals(await spoken(fields))).toBe(true);
  const here = await hear(`${system.url}/v1/audio/voices/alloy/preview.mp3${query}`);
  expect(here.bytes.equals(there.bytes)).toBe(true);
  expect(here.answer.headers.get("x-model")).toBe("tts-1-hd");
});

it.each([
  ["nobody", "", 404, "voice_not_found"],
  ["alloy", "?language=hi", 400, "unsupported_language"],
  ["alloy", "?model=tts-9", 400, "model_not_found"],
  ["alloy", "?model=qwen3-tts-12hz-0.6b-base", 400, "voice_not_found"],
])("of %s%s is a %i", async (id, query, status, code) => {
  for (const url of [system.url, system.origin.url]) {
    const answer = await fetch(`${url}/v1/audio/voices/${id}/preview.mp3${query}`);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ error: { code } });
  }
});

it("is a GET, and speech still wants a key", async () => {
  const post = await fetch(`${system.url}/v1/audio/voices/alloy/preview.mp3`, { method: "POST" });
  expect([post.status, post.headers.get("allow")]).toEqual([405, "GET, HEAD, OPTIONS"]);
  expect((await postSpeech(system.url)).status).toBe(401);
});
