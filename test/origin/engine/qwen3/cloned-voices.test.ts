import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createQwen3Engine } from "../../../../origin/engine/qwen3/engine.ts";
import type { SupervisedEngine } from "../../../../origin/engine/supervisor.ts";
import type { VoicePrompt } from "../../../../origin/voices/voice-prompt.ts";
import { clonedVoice, clonedVoiceCases, pico } from "../../../support/golden-cases.ts";
import { failureOf, listen } from "../../../support/listening.ts";
import { type TemporaryModels, temporaryModels } from "../../../support/packs.ts";
import { relativeError } from "../../../support/relative-error.ts";

const base = "qwen3-tts-12hz-0.6b-base";
const customVoice = "qwen3-tts-12hz-0.6b-custom-voice";
const designer = "qwen3-tts-12hz-1.7b-voice-design";
const patient = new AbortController().signal;
const { recording, xVector, codes, frames } = clonedVoice(pico);
const vectorOnly: VoicePrompt = { digest: "1".repeat(64), xVector, reference: null };

let models: TemporaryModels;
const engines = new Map<string, SupervisedEngine>();

beforeAll(async () => {
  models = temporaryModels();
  for (const name of ["0.6b-base", "0.6b-custom-voice", "1.7b-voice-design"]) {
    const packFolder = await models.build(name);
    const engine = createQwen3Engine({ packFolder, env: { ENGINE_THREADS: "1" } });
    engines.set(`qwen3-tts-12hz-${name}`, engine);
    await engine.started();
  }
}, 180_000);

afterAll(async () => {
  await Promise.all([...engines.values()].map((engine) => engine.close()));
  models.remove();
});

function engineOf(model: string): SupervisedEngine {
  const engine = engines.get(model);
  if (!engine) throw new Error(`there is no engine for ${model}`);
  return engine;
}

function referenceOf(text: string, digest = "2".repeat(64)): VoicePrompt {
  return { digest, xVector, reference: { codes, frames, text } };
}

describe("greedily, a cloned voice speaks what the official code speaks:", () => {
  // Voices are cloned with the text beside the frames.
  const cases = clonedVoiceCases(pico).filter((golden) => !golden.non_streaming_mode);

  it.each(cases)("$name ($clone)", async ({ clone, text, language, ref_text, floats }) => {
    const voice = clone === "icl" ? referenceOf(ref_text ?? "") : vectorOnly;
    const utterance = {
      model: base,
      text,
      language: language.toLowerCase() as "english",
      voice,
      sampling: { temperature: 0, repetitionPenalty: 1.05 },
    } as const;
    const official = floats("wav.f32");

    // The second time with what is kept of the voice.
    for (const time of ["first", "second"]) {
      const { pcm } = await listen(engineOf(base), utterance);
      const length = Math.min(official.length, pcm.length);
      expect(length, time).toBeGreaterThan(10 * 1920);
      const apart = pcm.subarray(0, length).map((sample, index) => sample - (official[index] ?? 0));
      expect(Math.max(...apart.map(Math.abs)), time).toBeLessThan(1e-4);
    }
  });
});

it("hears the voice of a recording, as its process is asked to", async () => {
  const heard = await engineOf(base).encodeVoice?.(
    base,
    { samples: recording, withCodes: true },
    patient,
  );

  expect(heard).toMatchObject({ codes, frames });
  expect(relativeError(heard?.xVector ?? new Float32Array(), xVector)).toBeLessThan(3e-6);
});

it("hears none with a model that does not clone", async () => {
  const encoding = engineOf(customVoice).encodeVoice?.(
    customVoice,
    { samples: recording, withCodes: false },
    patient,
  );

  expect(await failureOf(encoding ?? Promise.resolve())).toMatchObject({
    status: 400,
    param: "model",
    message: `model must be one that clones voices, ${base} or qwen3-tts-12hz-1.7b-base; ${customVoice} has no encoders here`,
  });
});

it("is spoken with its vector by a model of preset speakers, where a preset's vector is the preset", async () => {
  const engine = engineOf(customVoice);
  const utterance = { model: customVoice, text: "hello world", seed: 3 } as const;
  const take = async (voice: Partial<Parameters<typeof listen>[1]>) =>
    (await listen(engine, { ...utterance, ...voice })).pcm;

  const ryan = await take({ speaker: "Ryan" });

  expect(await take({ mix: [{ speaker: "Ryan", weight: 0.5 }] })).toEqual(ryan);
  const mix = [
    { speaker: "Ryan", weight: 1 },
    { speaker: "Vivian", weight: 2 },
  ] as const;
  expect(await take({ mix })).not.toEqual(ryan);
  const cloned = await take({ voice: vectorOnly });
  expect(cloned).not.toEqual(ryan);
  expect(await take({ voice: referenceOf("what such a model cannot go on from") })).toEqual(cloned);
  expect(await take({ mix: [{ vector: xVector, weight: 2 }] })).toEqual(cloned);
});

it.each([
  [base, {}, `voice must be a cloned voice with ${base}; none is given`],
  [
    base,
    { speaker: "Ryan", voice: vectorOnly },
    "voice must be one of a preset, a mixture and a cloned voice; several are given",
  ],
  [base, { speaker: "Ryan" }, `voice must be a cloned voice with ${base}; none is given`],
  [
    base,
    { voice: { ...vectorOnly, xVector: new Float32Array(7) } },
    "voice must be one that was encoded for a model of this width, 24; it has 7 numbers",
  ],
  [
    base,
    { voice: { ...vectorOnly, reference: { codes, frames: 17, text: "a" } } },
    "voice must be one with 16 codes for each of its frames; it has 288 for 17",
  ],
  [
    designer,
    { voice: vectorOnly },
    `voice must be left out with ${designer}, whose instructions describe it; one is given`,
  ],
] as const)("%s does not speak with %#", async (model, voice, message) => {
  const speaking = listen(engineOf(model), { model, text: "hello", ...voice });

  expect(await failureOf(speaking)).toMatchObject({
    status: 400,
    code: "voice_not_found",
    param: "voice",
    message,
  });
});

it("says so when a reference and a text do not fit in one context", async () => {
  const long = new Uint16Array(16 * 3500);
  const voice = {
    ...vectorOnly,
    digest: "3".repeat(64),
    reference: { codes: long, frames: 3500, text: "a" },
  };
  const text = "word ".repeat(120);

  const failure = await failureOf(listen(engineOf(base), { model: base, text, voice }));

  expect(failure).toMatchObject({
    status: 400,
    code: "context_length_exceeded",
    param: "input",
    message: expect.stringMatching(
      /^input must fit in one context of 4096 positions .*; its \d+ tokens, the 3500 frames of the voice's reference, what goes before them, and the \d+ frames it may take to say are \d+$/,
    ),
  });
});

it("says so when it is not told what is said in a reference", async () => {
  const failure = await failureOf(
    listen(engineOf(base), {
      model: base,
      text: "hello",
      voice: referenceOf(" \n", "4".repeat(64)),
    }),
  );

  expect(failure).toMatchObject({ status: 400, param: "ref_text" });
});
