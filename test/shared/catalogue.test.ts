import { describe, expect, it } from "vitest";
import { parseLanguage } from "../../shared/languages.ts";
import { resolveModel } from "../../shared/models.ts";
import { findVoice, voices } from "../../shared/voices.ts";

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
    expect(resolveModel(id)).toEqual(resolved);
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

  it.each(["", "bob", "alloy ", "toString"])("knows no %j", (id) => {
    expect(findVoice(id)).toBeUndefined();
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
