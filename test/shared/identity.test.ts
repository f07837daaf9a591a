import { expect, it } from "vitest";
import { defaultSeed, fileId, segmentSeed, soundId } from "../../shared/identity.ts";
import { type SpeechRequest, speechRequestSchema } from "../../shared/speech-request.ts";

const hello = { model: "tts-1", input: "Hello", voice: "alloy" };

function request(changes: Record<string, unknown> = {}): SpeechRequest {
  return speechRequestSchema.parse({ ...hello, ...changes });
}

it("names one sound by the same digest on every machine", async () => {
  expect(await soundId(request())).toBe(
    "e04a395b7abcd32ea09bc7cec0a1b610d2ce64d93de1a0e29f17803d4d10d8fd",
  );
});

// Another would leave every file that is kept somewhere behind.
it.each([
  [{}, "46a9f12a129789f49ed2288f400db9268a5fc4d649c35cbbb3bce725b2a494a9"],
  [
    {
      response_format: "opus",
      speed: 1.5,
      seed: 7,
      sample_rate: 16_000,
      trim_silence: true,
    },
    "14dd49845eb36204599d59370edb6c9163e2b1d300b3b0a41723975688e2df6a",
  ],
])("names the file of %j by the digest it always had", async (changes, id) => {
  expect(await fileId(request(changes), "r1")).toBe(id);
});

it.each([
  { model: "qwen3-tts-12hz-0.6b-custom-voice" },
  { voice: "Vivian" },
  { voice: { id: "ALLOY" } },
  { language: "auto" },
  { speed: 1, response_format: "mp3" },
  { trim_silence: false },
  { volume: 0, loudness: null },
  { volume: "-0" },
  { segmentation: "auto" },
  { normalization: "auto", lexicon: {} },
  { instructions: "" },
  { instructions: "The 0.6B model does not follow these" },
  { stream_format: "sse" },
  { sample_rate: 24_000, bitrate: 64_000 },
  { unknown_field: 1 },
])("gives the same file to %j", async (changes) => {
  expect(await fileId(request(changes), "r1")).toBe(await fileId(request(), "r1"));
});

it("gives the same file to one text in any form of Unicode", async () => {
  const text = "Amélie có một ước mơ: 한국어, Ångström.";
  const asked = (form: string) =>
    request({ model: "tts-1-hd", input: text.normalize(form), instructions: text.normalize(form) });
  expect(text.normalize("NFD")).not.toBe(text.normalize("NFC"));
  expect(asked("NFD")).toEqual(asked("NFC"));
  expect(await fileId(asked("NFD"), "r1")).toBe(await fileId(asked("NFC"), "r1"));
  // What only looks or sounds alike is another text.
  expect(await soundId(request({ input: "ﬁve" }))).not.toBe(
    await soundId(request({ input: "five" })),
  );
});

it.each([
  { response_format: "opus" },
  { speed: 1.5 },
  { seed: 7 },
  { sample_rate: 16_000 },
  { bitrate: 96_000 },
  { trim_silence: true },
  { volume: 1 },
  { volume: -1 },
  { loudness: -16 },
  { loudness: -16, volume: 2 },
])("gives another file of the same sound to %j", async (changes) => {
  expect(await fileId(request(changes), "r1")).not.toBe(await fileId(request(), "r1"));
  expect(await soundId(request(changes))).toBe(await soundId(request()));
});

it.each([
  { model: "tts-1-hd" },
  { model: "tts-1-es" },
  { input: "Hello " },
  { voice: "ash" },
  { language: "es" },
  { temperature: 0.5 },
  { top_k: 5 },
  { top_p: 0.5 },
  { repetition_penalty: 1.2 },
  { segmentation: "off" },
  { normalization: "on" },
  { normalization: "off" },
  { lexicon: { Hello: "Hullo" } },
  { model: "tts-1-hd", instructions: "Whisper" },
])("gives another sound to %j", async (changes) => {
  expect(await soundId(request(changes))).not.toBe(await soundId(request()));
});

it("gives another file under another model revision", async () => {
  expect(await fileId(request(), "r1")).not.toBe(await fileId(request(), "r2"));
});

it("draws a safe whole number as the seed, another one for each attempt", async () => {
  const sound = await soundId(request());
  const [first, second] = [await defaultSeed(sound), await defaultSeed(sound, 1)];
  expect(first).toBeGreaterThanOrEqual(0);
  expect(first).toBeLessThan(2 ** 48);
  expect(Number.isInteger(first)).toBe(true);
  expect(second).not.toBe(first);
  expect(await defaultSeed(sound)).toBe(first);
});

it("draws a seed for each segment and attempt from that of the text", async () => {
  const drawn = await Promise.all([segmentSeed(7, 1), segmentSeed(7, 2), segmentSeed(7, 1, 1)]);
  expect(new Set(drawn).size).toBe(3);
  expect(drawn.every((seed) => Number.isInteger(seed) && seed >= 0 && seed < 2 ** 48)).toBe(true);
  expect(await segmentSeed(7, 1, 0)).toBe(drawn[0]);
  expect(await segmentSeed(8, 1)).not.toBe(drawn[0]);
});
