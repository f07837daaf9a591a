import { plainCatalogue } from "../../shared/catalogue.ts";
import { formatNames } from "../../shared/formats.ts";
import { modelRule } from "../../shared/speech-request.ts";
import { voiceRule } from "../../shared/voices/cast.ts";
import { rules } from "../../shared/wire-request.ts";

const models = modelRule(plainCatalogue);
const voices = voiceRule(plainCatalogue);

/** A change to a valid speech request that makes it a 400, and what the client is told. */
export interface BadField {
  name: string;
  change: Record<string, unknown>;
  code: string;
  param: string;
  message: string;
}

export const badFields: readonly BadField[] = [
  {
    name: "no input",
    change: { input: undefined },
    code: "missing_required_parameter",
    param: "input",
    message: "input is required",
  },
  {
    name: "an empty input",
    change: { input: "" },
    code: "string_below_min_length",
    param: "input",
    message: "input must have something to say; it has 0 characters, none but white space",
  },
  {
    name: "an input of white space",
    change: { input: " \n\t\u3000" },
    code: "string_below_min_length",
    param: "input",
    message: "input must have something to say; it has 4 characters, none but white space",
  },
  {
    name: "an input of 4097 code points",
    change: { input: "🦊".repeat(4097) },
    code: "string_above_max_length",
    param: "input",
    message: "input must have at most 4096 characters (Unicode code points); it has 4097",
  },
  {
    name: "a number for the input",
    change: { input: 5 },
    code: "invalid_value",
    param: "input",
    message: "input must be a string; got 5",
  },
  {
    name: "an input in a script of none of the languages",
    change: { input: "नमस्ते दुनिया" },
    code: "unsupported_language",
    param: "input",
    message:
      "input must be in Chinese, English, German, Italian, Portuguese, Spanish, Japanese, Korean, French or Russian; 7 of its 7 letters are Hindi",
  },
  {
    name: "an input of controls and characters that nobody sees",
    change: { input: "\u000c\u0000\u200b\ufeff" },
    code: "string_below_min_length",
    param: "input",
    message: "input must have something to say; it has 4 characters, none but white space",
  },
  {
    name: "half a surrogate pair in the input",
    change: { input: "🦊a\ud83e" },
    code: "invalid_unicode",
    param: "input",
    message: "input must be well-formed Unicode; character 3 of 3 is half of a surrogate pair",
  },
  {
    name: "instructions that are too long",
    change: { instructions: "x".repeat(5000) },
    code: "string_above_max_length",
    param: "instructions",
    message: "instructions must have at most 4096 characters (Unicode code points); it has 5000",
  },
  {
    name: "an unknown model",
    change: { model: "whisper-1" },
    code: "model_not_found",
    param: "model",
    message: `model must be ${models}; got "whisper-1"`,
  },
  {
    name: "a model suffix that is no language",
    change: { model: "tts-1-xx" },
    code: "model_not_found",
    param: "model",
    message: `model must be ${models}; got "tts-1-xx"`,
  },
  {
    name: "an unknown voice",
    change: { voice: "hal" },
    code: "voice_not_found",
    param: "voice",
    message: `voice must be ${voices}; got "hal"`,
  },
  {
    name: "an unknown voice id of great length",
    change: { voice: { id: "x".repeat(100) } },
    code: "voice_not_found",
    param: "voice",
    message: `voice must be ${voices}; got a string of 100 characters`,
  },
  {
    name: "a voice without its id",
    change: { voice: { name: "alloy" } },
    code: "invalid_value",
    param: "voice",
    message: `voice must be ${voices}; got an object`,
  },
  {
    name: "a preset voice for a base model",
    change: { model: "qwen3-tts-12hz-0.6b-base" },
    code: "voice_not_found",
    param: "voice",
    message:
      'voice must be a kept voice with qwen3-tts-12hz-0.6b-base; "alloy" is a preset of qwen3-tts-12hz-0.6b-custom-voice',
  },
  {
    name: "a preset voice for a model whose instructions are the voice",
    change: { model: "qwen3-tts-12hz-1.7b-voice-design" },
    code: "voice_not_found",
    param: "voice",
    message:
      'voice must be left out or "design" with qwen3-tts-12hz-1.7b-voice-design, whose instructions describe the voice; got "alloy"',
  },
  {
    name: "an unknown format",
    change: { response_format: "midi" },
    code: "unsupported_format",
    param: "response_format",
    message: `response_format must be one of ${formatNames.join(", ")}; got "midi"`,
  },
  {
    name: "a speed below the range",
    change: { speed: 0.2 },
    code: "invalid_value",
    param: "speed",
    message: "speed must be a number from 0.25 to 4; got 0.2",
  },
  {
    name: "a speed above the range",
    change: { speed: 5 },
    code: "invalid_value",
    param: "speed",
    message: "speed must be a number from 0.25 to 4; got 5",
  },
  {
    name: "a word for the speed",
    change: { speed: "fast" },
    code: "invalid_value",
    param: "speed",
    message: 'speed must be a number from 0.25 to 4; got "fast"',
  },
  {
    name: "a word for trim_silence",
    change: { trim_silence: "yes" },
    code: "invalid_value",
    param: "trim_silence",
    message: 'trim_silence must be true or false; got "yes"',
  },
  {
    name: "a number for stream",
    change: { stream: "1" },
    code: "invalid_value",
    param: "stream",
    message: 'stream must be true or false; got "1"',
  },
  {
    name: "a volume above the range",
    change: { volume: 12.5 },
    code: "invalid_value",
    param: "volume",
    message: "volume must be a number of decibels from -20 to 12; got 12.5",
  },
  {
    name: "a loudness that is no target",
    change: { loudness: 0 },
    code: "invalid_value",
    param: "loudness",
    message: "loudness must be a number of LUFS from -36 to -9; got 0",
  },
  {
    name: "a rate that telephones do not have",
    change: { response_format: "mulaw", sample_rate: 16_000 },
    code: "invalid_value",
    param: "sample_rate",
    message: "sample_rate must be 8000 Hz for mulaw; got 16000",
  },
  {
    name: "an unknown stream_format",
    change: { stream_format: "websocket" },
    code: "invalid_value",
    param: "stream_format",
    message: 'stream_format must be audio or sse; got "websocket"',
  },
  {
    name: "an unknown language",
    change: { language: "klingon" },
    code: "unsupported_language",
    param: "language",
    message: `language must be ${rules.language}; got "klingon"`,
  },
  {
    name: "an unknown lang_code",
    change: { lang_code: "tlh" },
    code: "unsupported_language",
    param: "lang_code",
    message: `lang_code must be ${rules.lang_code}; got "tlh"`,
  },
  {
    name: "Kokoro's letter of a language that is none of ours",
    change: { lang_code: "h" },
    code: "unsupported_language",
    param: "lang_code",
    message: `lang_code must be ${rules.lang_code}; got "h"`,
  },
  {
    name: "Kokoro's letter where there are names",
    change: { language: "a" },
    code: "unsupported_language",
    param: "language",
    message: `language must be ${rules.language}; got "a"`,
  },
  {
    name: "a model behind two prefixes",
    change: { model: "openrouter/openai/tts-1" },
    code: "model_not_found",
    param: "model",
    message: `model must be ${models}; got "openrouter/openai/tts-1"`,
  },
  {
    name: "a snapshot of a model that OpenAI never had",
    change: { model: "qwen3-tts-12hz-0.6b-custom-voice-2025-12-15" },
    code: "model_not_found",
    param: "model",
    message: `model must be ${models}; got "qwen3-tts-12hz-0.6b-custom-voice-2025-12-15"`,
  },
  {
    name: "a number for a model",
    change: { model: 1 },
    code: "invalid_value",
    param: "model",
    message: `model must be ${models}; got 1`,
  },
  {
    name: "a speed in a string that is out of range",
    change: { speed: "9" },
    code: "invalid_value",
    param: "speed",
    message: "speed must be a number from 0.25 to 4; got 9",
  },
  {
    name: "a speed in hexadecimal",
    change: { speed: "0x2" },
    code: "invalid_value",
    param: "speed",
    message: 'speed must be a number from 0.25 to 4; got "0x2"',
  },
  {
    name: "two languages that disagree",
    change: { language: "French", lang_code: "de" },
    code: "invalid_value",
    param: "lang_code",
    message: "lang_code must agree with language, or be left out",
  },
  {
    name: "a language other than the model's suffix",
    change: { model: "tts-1-es", language: "fr" },
    code: "invalid_value",
    param: "language",
    message: 'language must agree with the model tts-1-es, which speaks spanish; got "fr"',
  },
  {
    name: "a negative seed",
    change: { seed: -1 },
    code: "invalid_value",
    param: "seed",
    message: "seed must be a whole number from 0 to 9007199254740991; got -1",
  },
  {
    name: "a segmentation that does not exist",
    change: { segmentation: "always" },
    code: "invalid_value",
    param: "segmentation",
    message: 'segmentation must be auto or off; got "always"',
  },
  {
    name: "a normalization that does not exist",
    change: { normalization: "yes" },
    code: "invalid_value",
    param: "normalization",
    message: 'normalization must be auto, on or off; got "yes"',
  },
  {
    name: "a lexicon that is no object",
    change: { lexicon: ["SQL"] },
    code: "invalid_value",
    param: "lexicon",
    message:
      "lexicon must be an object of words, each with a string that is spoken in its place; got an array of 1",
  },
  {
    name: "a lexicon with something else than a string",
    change: { lexicon: { SQL: 5 } },
    code: "invalid_value",
    param: "lexicon",
    message: 'lexicon must have a string for each word; that of "SQL" is a number',
  },
  {
    name: "a lexicon of 201 entries",
    change: { lexicon: Object.fromEntries(Array.from({ length: 201 }, (_, at) => [`w${at}`, ""])) },
    code: "invalid_value",
    param: "lexicon",
    message: "lexicon must have at most 200 entries; it has 201",
  },
  {
    name: "a lexicon with a long word",
    change: { lexicon: { ["a".repeat(65)]: "b" } },
    code: "invalid_value",
    param: "lexicon",
    message: 'lexicon must have words of at most 64 characters; "aaaaaaaaaaaaaaaa…" has 65',
  },
  {
    name: "a lexicon with a word that JavaScript takes for none",
    change: { lexicon: JSON.parse('{"a": "b", "__proto__": "dunder proto"}') },
    code: "invalid_value",
    param: "lexicon",
    message: 'lexicon must have no word that is "__proto__"',
  },
  {
    name: "a lexicon with a word of white space",
    change: { lexicon: { " ": "b" } },
    code: "invalid_value",
    param: "lexicon",
    message: 'lexicon must have words with something in them; got " "',
  },
  {
    name: "a lexicon with a long respelling",
    change: { lexicon: { SQL: "🦊".repeat(257) } },
    code: "invalid_value",
    param: "lexicon",
    message: 'lexicon must have respellings of at most 256 characters; that of "SQL" has 257',
  },
  {
    name: "a temperature above the range",
    change: { temperature: 2.5 },
    code: "invalid_value",
    param: "temperature",
    message: "temperature must be a number from 0 to 2; got 2.5",
  },
];
