import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createQwen3Engine } from "../../../../origin/engine/qwen3/engine.ts";
import type { SupervisedEngine } from "../../../../origin/engine/supervisor.ts";
import { digest } from "../../../support/digest.ts";
import { pico, presetVoiceCases } from "../../../support/golden-cases.ts";
import { begin, failureOf, listen } from "../../../support/listening.ts";
import { type TemporaryModels, temporaryModels } from "../../../support/packs.ts";

const customVoice = "qwen3-tts-12hz-0.6b-custom-voice";
const voiceDesign = "qwen3-tts-12hz-1.7b-voice-design";
const speaker = "Ryan";

let models: TemporaryModels;
let engine: SupervisedEngine;
let designer: SupervisedEngine;

beforeAll(async () => {
  models = temporaryModels();
  const env = { ENGINE_THREADS: "1" };
  engine = createQwen3Engine({ packFolder: await models.build("0.6b-custom-voice"), env });
  const designerPack = await models.build("1.7b-voice-design");
  writeSelfTest(designerPack);
  designer = createQwen3Engine({ packFolder: designerPack, env });
  await Promise.all([engine.started(), designer.started()]);
});

/** As if a frame had taken 32 ms when the pack was tested. */
function writeSelfTest(packFolder: string): void {
  const path = join(packFolder, "pack.json");
  const manifest = JSON.parse(readFileSync(path, "utf8"));
  manifest.self_test = {
    problem: null,
    onnxruntime: "1.30.0",
    processor: "one",
    threads: 1,
    loading: null,
    sentences: [],
    milliseconds_per_frame: 32,
    peak_resident_bytes: null,
  };
  writeFileSync(path, JSON.stringify(manifest));
}

afterAll(async () => {
  await Promise.all([engine.close(), designer.close()]);
  models.remove();
});

it("announces what its pack holds", () => {
  expect(engine.name).toBe("qwen3");
  expect(engine.sampleRate).toBe(24_000);
  expect(engine.ignoredFields).toEqual([]);
  expect(engine.revision(customVoice).revision).toMatch(/^[0-9a-f]{16}$/);
  expect(engine.revision(customVoice).revision).not.toBe(designer.revision(voiceDesign).revision);
});

it("is taken to be as fast as its pack was when it was tested, until more is known", () => {
  expect(engine.speedWith(1)).toBeUndefined();
  expect(designer.speedWith(1)).toBe(80 / 32);
  expect(designer.speedWith(64)).toBe(80 / 32);
});

describe("greedily, in chunks that grow, it speaks what the official code speaks:", () => {
  const cases = presetVoiceCases(pico).filter(
    ({ checkpoint, non_streaming_mode }) =>
      non_streaming_mode && /0.6b-custom-voice|voice-design/.test(checkpoint),
  );

  it.each(cases)("$name", async ({ checkpoint, text, language, speaker, instruct, floats }) => {
    const isDesign = checkpoint.endsWith("voice-design");
    const { pcm } = await listen(isDesign ? designer : engine, {
      model: isDesign ? voiceDesign : customVoice,
      text,
      language: language.toLowerCase() as "english",
      speaker: (speaker ?? null) as "Ryan" | null,
      instructions: instruct ?? null,
      sampling: { temperature: 0, repetitionPenalty: 1.05 },
    });
    const official = floats("wav.f32");
    const length = Math.min(official.length, pcm.length);
    expect(length).toBeGreaterThan(1920);
    let difference = 0;
    for (let i = 0; i < length; i++) {
      difference = Math.max(difference, Math.abs((pcm[i] ?? 0) - (official[i] ?? 0)));
    }
    expect(difference).toBeLessThan(1e-4);
  });
});

it("sends its first sound after one frame", async () => {
  const { chunks } = await listen(engine, { text: "hello world", speaker, seed: 1 });
  expect(chunks.slice(0, 5).map(({ length }) => length / 1920)).toEqual([1, 1, 2, 4, 8]);
});

it("says the same for the same seed, alone or among others, and something else for another", async () => {
  const texts = ["hello world", "a longer sentence about nothing", "three", "and four it is"];
  const take = async (text: string, seed: number) =>
    digest((await listen(engine, { text, speaker, seed })).pcm);

  const alone: string[] = [];
  for (const [seed, text] of texts.entries()) alone.push(await take(text, seed));

  expect(await Promise.all(texts.map(take))).toEqual(alone);
  expect(await take("hello world", 99)).not.toBe(alone[0]);
});

it("ends a text that does not end by itself at a ceiling that grows with the text", async () => {
  const short = await listen(engine, { text: "ab", speaker, seed: 5 });
  const long = await listen(engine, { text: "ab".repeat(20), speaker, seed: 5 });
  for (const { pcm, end } of [short, long]) {
    expect(end.inputTokens).toBeGreaterThan(0);
    if (end.finish === "stop") expect(pcm.length).toBeGreaterThan(0);
  }
  expect(short.pcm.length / 24_000).toBeLessThanOrEqual(3 + 0.3 + 0.08);
  expect(long.pcm.length / 24_000).toBeLessThanOrEqual(3 + 6 + 0.08);
});

it("stops within a few chunks when nobody listens any more", async () => {
  const audio = begin(engine, { text: "hello world ".repeat(20), speaker, seed: 3 });
  await audio.next();
  const before = engine.counters.chunks;
  await audio.return({ finish: "stop", inputTokens: 0, instructionTokens: 0 });
  await listen(engine, { text: "hi", speaker, seed: 3 });
  await listen(engine, { text: "hi", speaker, seed: 3 });
  const { chunks } = await listen(engine, { text: "hi", speaker, seed: 3 });
  expect(engine.counters.chunks - before).toBeLessThanOrEqual(3 * chunks.length + 6);
});

it.each([
  [{ text: "hello", speaker: null, model: "qwen3-tts-12hz-1.7b-base" }, 503, "model_not_loaded"],
  [{ text: "hello", speaker: "Sohee", model: voiceDesign }, 400, "voice_not_found"],
] as const)("refuses %j", async (utterance, status, code) => {
  const speaking = utterance.model === voiceDesign ? designer : engine;
  const error = await failureOf(begin(speaking, utterance).next());
  expect(error).toMatchObject({ status, code });
});

it("says what is wrong with a pack it cannot open", async () => {
  const broken = createQwen3Engine({ packFolder: models.directory });
  const error = await failureOf(broken.started());
  expect(String(error)).toContain(
    "pack.json cannot be read. Build it anew: npm run model -- build",
  );
  await broken.close();
});
