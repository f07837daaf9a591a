import { describe, expect, it } from "vitest";
import {
  type Catalogue,
  createCatalogue,
  type NameSettings,
  plainCatalogue,
} from "../../shared/catalogue.ts";
import { catalogueDigest } from "../../shared/catalogue-digest.ts";
import { soundId } from "../../shared/identity.ts";
import { parseLanguage, parseLanguageCode } from "../../shared/languages.ts";
import { type ResolvedModel, resolveModel } from "../../shared/models.ts";
import { speechRequestSchemaOf } from "../../shared/speech-request.ts";
import { findVoice, voices } from "../../shared/voices/presets.ts";

/** But for whose name it is. */
function named({ isOpenAi: _, ...model }: Partial<ResolvedModel> = {}) {
  return model;
}

it("tells OpenAI's names from those that mean one checkpoint", () => {
  const names = ["tts-1", "openai/tts-1-hd-es", "tts-1-1106", "0.6b-custom-voice"];
  expect(names.map((name) => resolveModel(name)?.isOpenAi ?? false)).toEqual([
    true,
    true,
    true,
    false,
  ]);
});

describe("resolveModel", () => {
  it.each([
    ["tts-1", { id: "tts-1", native: "qwen3-tts-12hz-0.6b-custom-voice" }],
    ["TTS-1-HD", { id: "tts-1-hd", native: "qwen3-tts-12hz-1.7b-custom-voice" }],
    ["gpt-4o-mini-tts", { id: "gpt-4o-mini-tts", native: "qwen3-tts-12hz-1.7b-custom-voice" }],
    [
      "qwen3-tts-12hz-0.6b-base",
      { id: "qwen3-tts-12hz-0.6b-base", native: "qwen3-tts-12hz-0.6b-base" },
    ],
    [
      "tts-1-es",
      { id: "tts-1-es", native: "qwen3-tts-12hz-0.6b-custom-voice", language: "spanish" },
    ],
    [
      "tts-1-hd-ZH",
      { id: "tts-1-hd-zh", native: "qwen3-tts-12hz-1.7b-custom-voice", language: "chinese" },
    ],
    [
      "qwen3-tts-12hz-1.7b-voice-design-ja",
      {
        id: "qwen3-tts-12hz-1.7b-voice-design-ja",
        native: "qwen3-tts-12hz-1.7b-voice-design",
        language: "japanese",
      },
    ],
  ])("resolves %s", (id, resolved) => {
    expect(named(resolveModel(id))).toEqual(resolved);
  });

  const custom = "qwen3-tts-12hz-1.7b-custom-voice";
  it.each([
    [" tts-1\n", "tts-1", "qwen3-tts-12hz-0.6b-custom-voice"],
    ["tts-1-1106", "tts-1-1106", "qwen3-tts-12hz-0.6b-custom-voice"],
    ["TTS-1-HD-1106", "tts-1-hd-1106", custom],
    ["gpt-4o-mini-tts-2025-12-15", "gpt-4o-mini-tts-2025-12-15", custom],
    ["gpt-4o-mini-tts-2025-03-20", "gpt-4o-mini-tts-2025-03-20", custom],
    ["Qwen/Qwen3-TTS-12Hz-1.7B-CustomVoice", "Qwen/Qwen3-TTS-12Hz-1.7B-CustomVoice", custom],
    ["qwen/qwen3-tts-12hz-1.7b-customvoice", "Qwen/Qwen3-TTS-12Hz-1.7B-CustomVoice", custom],
    ["qwen3-tts-12hz-1.7b-customvoice", "Qwen3-TTS-12Hz-1.7B-CustomVoice", custom],
    ["Qwen/qwen3-tts-12hz-1.7b-custom-voice", `qwen/${custom}`, custom],
    ["1.7b-custom-voice", "1.7b-custom-voice", custom],
    ["1.7B-CustomVoice", "1.7b-customvoice", custom],
    ["OpenAI/TTS-1-hd", "openai/tts-1-hd", custom],
    ["hf/Qwen/Qwen3-TTS-12Hz-1.7B-CustomVoice", "hf/Qwen/Qwen3-TTS-12Hz-1.7B-CustomVoice", custom],
    ["openai/gpt-4o-mini-tts-2025-12-15", "openai/gpt-4o-mini-tts-2025-12-15", custom],
  ])("resolves %j, as clients send it", (name, id, native) => {
    expect(named(resolveModel(name))).toEqual({ id, native });
  });

  it("forces a language on any of these names", () => {
    for (const name of ["tts-1-1106-es", "openai/tts-1-es", "0.6B-CustomVoice-ES"]) {
      expect(resolveModel(name), name).toMatchObject({
        native: "qwen3-tts-12hz-0.6b-custom-voice",
        language: "spanish",
      });
    }
  });

  it.each([
    "openrouter/openai/tts-1",
    "/tts-1",
    "openai/",
    "open ai/tts-1",
    "tts-1-110",
    "tts-1-2025-1215",
    "tts-1-es-1106",
    `${custom}-1106`,
    "qwen3-tts",
    "custom-voice",
  ])("knows no %j", (id) => {
    expect(resolveModel(id)).toBeUndefined();
  });

  it.each(["", "tts-2", "tts-1-sv", "-es", "tts-1-es-es", "constructor", "__proto__"])(
    "knows no %j",
    (id) => {
      expect(resolveModel(id)).toBeUndefined();
    },
  );
});

describe("findVoice", () => {
  it.each([
    ["alloy", "Vivian"],
    ["ash", "Serena"],
    ["coral", "Uncle_Fu"],
    ["echo", "Dylan"],
    ["fable", "Eric"],
    ["onyx", "Ryan"],
    ["nova", "Aiden"],
    ["sage", "Ono_Anna"],
    ["shimmer", "Sohee"],
    ["ballad", "Ryan"],
    ["verse", "Aiden"],
    ["marin", "Serena"],
    ["cedar", "Uncle_Fu"],
  ])("gives %s to %s", (id, speaker) => {
    expect(findVoice(id)).toEqual({ id, speaker });
  });

  it("finds speakers under their own names, in any case", () => {
    expect(findVoice("UNCLE_fu")).toEqual({ id: "Uncle_Fu", speaker: "Uncle_Fu" });
    expect(voices).toHaveLength(22);
  });

  it.each(["", "bob", "all oy", "toString"])("knows no %j", (id) => {
    expect(findVoice(id)).toBeUndefined();
  });
});

describe("parseLanguageCode", () => {
  it.each([
    ["a", "english"],
    ["B", "english"],
    ["e", "spanish"],
    [" f ", "french"],
    ["i", "italian"],
    ["j", "japanese"],
    ["p", "portuguese"],
    ["z", "chinese"],
    ["pt-BR", "portuguese"],
    ["auto", "auto"],
  ])("reads %j as %s", (text, language) => {
    expect(parseLanguageCode(text)).toBe(language);
  });

  it.each(["h", "", "x", "constructor"])("knows no %j", (text) => {
    expect(parseLanguageCode(text)).toBeUndefined();
  });

  it("leaves names and tags as they are", () => {
    expect(parseLanguage("a")).toBeUndefined();
  });
});

describe("an operator's names", () => {
  const catalogue = createCatalogue({
    MODEL_ALIASES: '{"Kokoro": "tts-1", "castellano": "openai/tts-1-hd-es"}',
    VOICE_ALIASES: '{"af_bella": "nova", "Alloy": "ryan"}',
    DEFAULT_MODEL: "kokoro",
    DEFAULT_VOICE: "AF_BELLA",
    VOICE_NAMES: "Both",
  });
  const parse = (fields: object) =>
    speechRequestSchemaOf(catalogue).safeParse({ input: "Hello", ...fields });

  it("come before all others, with suffix, prefix and in any case", () => {
    expect(catalogue.resolveModel("kokoro")).toMatchObject({ id: "Kokoro" });
    expect(named(catalogue.resolveModel("hexgrad/KOKORO-fr"))).toEqual({
      id: "hexgrad/Kokoro-fr",
      native: "qwen3-tts-12hz-0.6b-custom-voice",
      language: "french",
    });
    expect(catalogue.resolveModel("castellano")).toMatchObject({ language: "spanish" });
    expect(catalogue.findVoice(" alloy ")).toEqual({ id: "alloy", speaker: "Ryan" });
    expect(findVoice("alloy")).toEqual({ id: "alloy", speaker: "Vivian" });
  });

  it("change the map of the lists where it has them", () => {
    expect(catalogue.voices).toHaveLength(22);
    expect(catalogue.voices[0]).toEqual({ id: "alloy", speaker: "Ryan" });
  });

  it("stand for what a request leaves out, and are listed by its error", () => {
    expect(parse({}).data).toMatchObject({
      modelId: "Kokoro",
      voiceId: "af_bella",
      speaker: "Aiden",
    });
    expect(parse({ model: "tts-9" }).error?.issues[0]?.message).toContain(", Kokoro, castellano,");
    expect(parse({ voice: "af_sky" }).error?.issues[0]?.message).toContain(", Sohee, af_bella,");
  });

  it("are part of what is said where an input may name voices, and else not", async () => {
    const ssml = { model: "tts-1", input: '<speak><voice name="nova">Hi</voice></speak>' };
    const soundOf = (fields: object, known: Catalogue) =>
      soundId(speechRequestSchemaOf(known).parse({ voice: "ash", ...fields }));
    const other = createCatalogue({ VOICE_ALIASES: '{"nova": "ryan"}' });
    expect(await soundOf(ssml, other)).not.toBe(await soundOf(ssml, plainCatalogue));
    const text = { model: "tts-1", input: "Hi" };
    expect(await soundOf(text, other)).toBe(await soundOf(text, plainCatalogue));
  });

  it("are told apart by a digest, in whatever order and spelling they are written", async () => {
    const digest = (settings: NameSettings) => catalogueDigest(createCatalogue(settings));
    const plain = await digest({});
    expect(plain).toMatch(/^[0-9a-f]{16}$/);
    expect(await digest({ VOICE_NAMES: "both", VOICE_ALIASES: " " })).toBe(plain);
    const one = await digest({ VOICE_ALIASES: '{"x": "nova", "y": "onyx"}' });
    expect(one).not.toBe(plain);
    expect(await digest({ VOICE_ALIASES: '{"Y": "Ryan", "x": "aiden"}' })).toBe(one);
    for (const settings of [
      { MODEL_ALIASES: '{"x": "tts-1"}' },
      { MODEL_ALIASES: '{"x": "tts-1-es"}' },
      { DEFAULT_VOICE: "ash" },
      { DEFAULT_MODEL: "tts-1-hd" },
    ]) {
      expect([plain, one]).not.toContain(await digest(settings));
    }
  });

  it.each<[NameSettings, string]>([
    [
      { MODEL_ALIASES: "kokoro" },
      'MODEL_ALIASES must be a JSON object of names, such as {"kokoro": "tts-1"}; got "kokoro"',
    ],
    [
      { VOICE_ALIASES: '["a"]' },
      'VOICE_ALIASES must be a JSON object of names, such as {"af_bella": "nova"}; got an array of 1',
    ],
    [
      { MODEL_ALIASES: '{"kokoro": "tts-9"}' },
      'MODEL_ALIASES must give "kokoro" to one of tts-1, tts-1-hd, gpt-4o-mini-tts, qwen3-tts-12hz-0.6b-base, qwen3-tts-12hz-0.6b-custom-voice, qwen3-tts-12hz-1.7b-base, qwen3-tts-12hz-1.7b-custom-voice, qwen3-tts-12hz-1.7b-voice-design; got "tts-9"',
    ],
    [
      { VOICE_ALIASES: '{"a": "b", "b": "alloy"}' },
      `VOICE_ALIASES must give "a" to one of ${voices.map(({ id }) => id).join(", ")}; got "b"`,
    ],
    [
      { VOICE_ALIASES: '{"vivian": "Ryan"}' },
      'VOICE_ALIASES must not give "vivian", which names itself, to something else',
    ],
    [
      { MODEL_ALIASES: '{"k": "tts-1", "K": "tts-1"}' },
      'MODEL_ALIASES must have each name once, in whatever case; it has "K" twice',
    ],
    [
      { VOICE_ALIASES: '{"Zoë": "nova"}' },
      'VOICE_ALIASES must have names of 1 to 64 printable ASCII characters; "Zoë" is none',
    ],
    [
      { VOICE_ALIASES: '{" ": "nova"}' },
      'VOICE_ALIASES must have names of 1 to 64 printable ASCII characters; " " is none',
    ],
    [{ VOICE_NAMES: "id" }, 'VOICE_NAMES must be one of speaker, both; got "id"'],
    [
      { DEFAULT_MODEL: "qwen3-tts-12hz-0.6b-base" },
      'DEFAULT_MODEL must be a model that speaks without a cloned voice; "qwen3-tts-12hz-0.6b-base" is not',
    ],
    [
      { DEFAULT_VOICE: "design" },
      `DEFAULT_VOICE must be one of ${voices.map(({ id }) => id).join(", ")}; got "design"`,
    ],
  ])("%j is refused", (settings, message) => {
    expect(() => createCatalogue(settings)).toThrow(message);
  });
});

describe("parseLanguage", () => {
  it.each([
    ["Spanish", "spanish"],
    ["es", "spanish"],
    ["es-MX", "spanish"],
    ["zh_Hans_CN", "chinese"],
    [" PT ", "portuguese"],
    ["AUTO", "auto"],
  ])("reads %j as %s", (text, language) => {
    expect(parseLanguage(text)).toBe(language);
  });

  it.each(["", "sv", "beijing_dialect", "hasOwnProperty", "english-"])("knows no %j", (text) => {
    expect(parseLanguage(text)).toBeUndefined();
  });
});
