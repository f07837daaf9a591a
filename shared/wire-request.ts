import * as z from "zod";
import { findFormat, formatNames, sampleRates } from "./formats.ts";
import { languages } from "./languages.ts";
import {
  findLexiconProblem,
  maxLexiconEntries,
  maxRespellingLength,
  maxWordLength,
} from "./lexicon-rules.ts";
import { findInputProblem } from "./spoken-input.ts";
import { findTextProblem } from "./text-rules.ts";
import { broken, nullIfEmpty } from "./wire-values.ts";

/** What each field must be, in words that complete "<field> must be …". Of models and voices the catalogue says it. */
export const rules = {
  language: `auto, one of ${languages.join(", ")}, or the BCP-47 tag of one of these`,
  lang_code: `auto, one of ${languages.join(", ")}, the BCP-47 tag of one of these, or Kokoro's letter for one: a, b, e, f, i, j, p, z`,
  response_format: `one of ${formatNames.join(", ")}`,
  speed: "a number from 0.25 to 4",
  sample_rate: `one of ${sampleRates.join(", ")} Hz`,
  bitrate: "a whole number of bits per second",
  volume: "a number of decibels from -20 to 12",
  loudness: "a number of LUFS from -36 to -9",
  seed: "a whole number from 0 to 9007199254740991",
  temperature: "a number from 0 to 2",
  top_k: "a whole number from 0 to 65536, where 0 turns it off",
  top_p: "a number above 0 and at most 1",
  repetition_penalty: "a number from 0.1 to 10",
  segmentation: "auto or off",
  input_format: "text or ssml",
  timestamps: "segment or word",
  markup: "none, tags or markdown",
  code_blocks: "skip or speak",
  normalization: "auto, on or off",
  lexicon: "an object of words, each with a string that is spoken in its place",
};

/**
 * The body of `POST /v1/audio/speech` as it is sent: OpenAI's `CreateSpeechRequest` with this API's optional extensions.
 * Null and an empty string stand for a field left out. Unknown fields pass. Names of models, voices and languages are not looked at yet.
 */
export const wireRequestSchema = z.looseObject(
  {
    model: z.unknown().optional(),
    input: spokenInput(),
    voice: z.unknown().optional(),
    instructions: text("instructions", { required: false }).nullish(),
    response_format: choice("response_format", formatNames, rules.response_format, findFormat),
    speed: number("speed", { minimum: 0.25, maximum: 4 }),
    sample_rate: number("sample_rate", { enum: sampleRates }),
    bitrate: number("bitrate", { isWhole: true, minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
    trim_silence: boolean("trim_silence"),
    volume: number("volume", { minimum: -20, maximum: 12 }),
    loudness: number("loudness", { minimum: -36, maximum: -9 }),
    stream_format: choice("stream_format", ["audio", "sse"], "audio or sse"),
    stream: boolean("stream"),
    language: name("language", rules.language),
    lang_code: name("lang_code", rules.lang_code),
    seed: number("seed", { isWhole: true, minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
    temperature: number("temperature", { minimum: 0, maximum: 2 }),
    top_k: number("top_k", { isWhole: true, minimum: 0, maximum: 65536 }),
    top_p: number("top_p", { exclusiveMinimum: 0, maximum: 1 }),
    repetition_penalty: number("repetition_penalty", { minimum: 0.1, maximum: 10 }),
    segmentation: choice("segmentation", ["auto", "off"], rules.segmentation),
    input_format: choice("input_format", ["text", "ssml"], rules.input_format),
    progress: boolean("progress"),
    timestamps: choice("timestamps", ["segment", "word"], rules.timestamps),
    markup: choice("markup", ["none", "tags", "markdown"], rules.markup),
    code_blocks: choice("code_blocks", ["skip", "speak"], rules.code_blocks),
    normalization: choice("normalization", ["auto", "on", "off"], rules.normalization),
    lexicon: lexicon(),
  },
  must("the body", "a JSON object"),
);

/** A text, or the turns of several speakers. */
function spokenInput() {
  return z.unknown().superRefine((value, context) => {
    const problem = findInputProblem(value);
    if (!problem) return;
    const { code, message } = problem;
    context.addIssue({ code: "custom", params: { code }, message });
  });
}

function text(field: string, options: { required: boolean }) {
  return z.string(must(field, "a string")).superRefine((value, context) => {
    const problem = findTextProblem(value, options);
    if (!problem) return;
    const { code, rule } = problem;
    context.addIssue({ code: "custom", params: { code }, message: `${field} ${rule}` });
  });
}

function lexicon() {
  const entries = z.record(z.string(), z.unknown(), must("lexicon", rules.lexicon)).meta({
    maxProperties: maxLexiconEntries,
    propertyNames: { type: "string", minLength: 1, maxLength: maxWordLength },
    additionalProperties: { type: "string", maxLength: maxRespellingLength },
  });
  /** As it was sent: of a record not every key arrives. */
  const check = (value: unknown, context: z.RefinementCtx) => {
    const problem = isObject(value) && findLexiconProblem(value);
    if (problem) context.addIssue({ code: "custom", message: `lexicon ${problem}` });
    return nullIfEmpty(value);
  };
  return z.preprocess(check, entries.nullish()).optional();
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An optional name, with white space around it or not. */
function name(field: string, rule: string) {
  return z.preprocess(nullIfEmpty, z.string(must(field, rule)).nullish()).optional();
}

/** One of a few words, in any case and among white space, or nothing. `find` knows other words for them. */
function choice<const Words extends readonly [string, ...string[]]>(
  field: string,
  words: Words,
  rule: string,
  find: (word: string) => string | undefined = (word) => findWord(words, word),
) {
  const fold = (value: unknown) =>
    (typeof value === "string" ? find(value) : undefined) ?? nullIfEmpty(value);
  return z.preprocess(fold, z.enum(words, must(field, rule)).nullish()).optional();
}

function findWord(words: readonly string[], asked: string): string | undefined {
  const folded = asked.trim().toLowerCase();
  return words.find((word) => word === folded);
}

const numeral = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** In the words of JSON Schema. */
interface Bounds {
  isWhole?: boolean;
  minimum?: number;
  exclusiveMinimum?: number;
  maximum?: number;
  enum?: readonly number[];
}

function isWithin(value: number, bounds: Bounds): boolean {
  const { isWhole = false, minimum = -Infinity, exclusiveMinimum = -Infinity } = bounds;
  return (
    value >= minimum &&
    value > exclusiveMinimum &&
    value <= (bounds.maximum ?? Infinity) &&
    (!isWhole || Number.isSafeInteger(value)) &&
    (bounds.enum?.includes(value) ?? true)
  );
}

/** A number, which may be written as a string as forms have it, or nothing. */
function number(field: keyof typeof rules, bounds: Bounds) {
  const rule = rules[field];
  const { isWhole, ...bounded } = bounds;
  const read = (value: unknown) =>
    typeof value === "string" && numeral.test(value.trim()) ? Number(value) : nullIfEmpty(value);
  const checked = z
    .number(must(field, rule))
    .refine((value) => isWithin(value, bounds), must(field, rule))
    .meta({ type: isWhole ? "integer" : "number", ...bounded });
  return z.preprocess(read, checked.nullish()).optional();
}

/** True or false, which may be written as a string in any case as forms have it, or nothing. */
function boolean(field: string) {
  const read = (value: unknown) => {
    const word = typeof value === "string" ? value.trim().toLowerCase() : undefined;
    return word === "true" || word === "false" ? word === "true" : nullIfEmpty(value);
  };
  return z.preprocess(read, z.boolean(must(field, "true or false")).nullish()).optional();
}

function must(field: string, rule: string) {
  return {
    error: (issue: { input?: unknown }) =>
      issue.input === undefined ? `${field} is required` : broken(field, rule, issue.input),
  };
}
