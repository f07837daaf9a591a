import type { Language } from "../../shared/languages.ts";
import type { NormalizationScope } from "../text/normalization/normalize.ts";
import type { Engine } from "./engine.ts";

/**
 * What is put in words for an engine where the request leaves it to the server. Qwen3-TTS learned from texts as they are
 * written, and reads numbers and dates in their context better than rules do; emoji and addresses it makes up. espeak-ng
 * says "k m", "dollar five point two zero" and "dash zero three", letters for "z. B.", and no emoji in Chinese, Japanese
 * and Korean: it is given words. In Japanese it knows digits but no kanji, in which numbers would be written.
 */
export function automaticNormalization(
  engine: Engine["name"],
  language: Language,
): NormalizationScope {
  return engine === "builtin" && language !== "japanese" ? "all" : "unspeakable";
}
