import * as z from "zod";
import { formatNames, sampleRates } from "./formats.ts";
import { languages } from "./languages.ts";
import { modelIds } from "./models.ts";
import { findTextProblem } from "./text-rules.ts";
import { voices } from "./voices.ts";

/** What each field must be, in words that complete "<field> must be …". */
export const rules = {
  model: `one of ${modelIds.join(", ")}, or one of these with a language suffix such as tts-1-es`,
  voice: `one of ${voices.map((voice) => voice.id).join(", ")}, or {"id": one of these}`,
  language: `auto, one of ${languages.join(", ")}, or the BCP-47 tag of one of these`,
  response_format: `one of ${formatNames.join(", ")}`,
  speed: "a number from 0.25 to 4",
  sample_rate: `one of ${sampleRates.join(", ")} Hz`,
  bitrate: "a whole number of bits per second",
  seed: "a whole number from 0 to 9007199254740991",
  temperature: "a number from 0 to 2",
  top_k: "a whole number from 0 to 65536, where 0 turns it off",
  top_p: "a number above 0 and at most 1",
  repetition_penalty: "a number from 0.1 to 10",
  segmentation: "auto or off",
};

/**
 * The body of `POST /v1/audio/speech` as it is sent: OpenAI's `CreateSpeechRequest` with this API's optional extensions.
 * Null stands for a field left out. Unknown fields pass.
 */
export const wireRequestSchema = z.looseObject(
  {
    model: z.string(must("model", rules.model)),
    input: text("input", { required: true }),
    voice: z
      .union([z.string(), z.object({ id: z.string() })], must("voice", rules.voice))
      .transform((voice) => (typeof voice === "string" ? voice : voice.id))
      .nullish(),
    instructions: text("instructions", { required: false }).nullish(),
    response_format: z.enum(formatNames, must("response_format", rules.response_format)).nullish(),
    speed: number("speed", rules.speed, (n) => n >= 0.25 && n <= 4).nullish(),
    sample_rate: number("sample_rate", rules.sample_rate, isSampleRate).nullish(),
    bitrate: number("bitrate", rules.bitrate, (n) => Number.isSafeInteger(n) && n > 0).nullish(),
    trim_silence: z.boolean(must("trim_silence", "true or false")).nullish(),
    stream_format: z.enum(["audio", "sse"], must("stream_format", "audio or sse")).nullish(),
    stream: z.boolean(must("stream", "true or false")).nullish(),
    language: z.string(must("language", rules.language)).nullish(),
    lang_code: z.string(must("lang_code", rules.language)).nullish(),
    seed: number("seed", rules.seed, (n) => Number.isSafeInteger(n) && n >= 0).nullish(),
    temperature: number("temperature", rules.temperature, (n) => n >= 0 && n <= 2).nullish(),
    top_k: number(
      "top_k",
      rules.top_k,
      (n) => Number.isInteger(n) && n >= 0 && n <= 65536,
    ).nullish(),
    top_p: number("top_p", rules.top_p, (n) => n > 0 && n <= 1).nullish(),
    repetition_penalty: number(
      "repetition_penalty",
      rules.repetition_penalty,
      (n) => n >= 0.1 && n <= 10,
    ).nullish(),
    segmentation: z.enum(["auto", "off"], must("segmentation", rules.segmentation)).nullish(),
  },
  must("the body", "a JSON object"),
);

function isSampleRate(value: number): boolean {
  return (sampleRates as readonly number[]).includes(value);
}

function text(field: string, options: { required: boolean }) {
  return z.string(must(field, "a string")).superRefine((value, context) => {
    const problem = findTextProblem(value, options);
    if (!problem) return;
    const { code, rule } = problem;
    context.addIssue({ code: "custom", params: { code }, message: `${field} ${rule}` });
  });
}

function number(field: string, rule: string, holds: (value: number) => boolean) {
  return z.number(must(field, rule)).refine(holds, must(field, rule));
}

function must(field: string, rule: string) {
  return {
    error: (issue: { input?: unknown }) =>
      issue.input === undefined ? `${field} is required` : broken(field, rule, issue.input),
  };
}

/** The message for a field that breaks its rule. */
export function broken(field: string, rule: string, value: unknown): string {
  return `${field} must be ${rule}; got ${brief(value)}`;
}

/** A value as an error may show it: short ones whole, long ones by their size. */
export function brief(value: unknown): string {
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === "object" && value !== null) return "an object";
  if (typeof value === "string" && value.length > 64)
    return `a string of ${value.length} characters`;
  // JSON.stringify calls a number too large for JavaScript null.
  if (typeof value === "number") return String(value);
  return JSON.stringify(value) ?? "nothing";
}
