import * as z from "zod";
import { findEncodingProblem } from "./encoding-rules.ts";
import { type AudioFormat, defaultBitrate, defaultSampleRate, type SampleRate } from "./formats.ts";
import { type LanguageChoice, parseLanguage } from "./languages.ts";
import { type ModelId, nativeModels, resolveModel } from "./models.ts";
import { toComposed } from "./text-rules.ts";
import { findVoice, type Speaker } from "./voices.ts";
import { brief, broken, rules, wireRequestSchema } from "./wire-request.ts";

/** How tokens are drawn. A field left out takes the checkpoint's own default (`generation_config.json`). */
export interface Sampling {
  /** 0 is greedy. */
  temperature?: number;
  topK?: number;
  topP?: number;
  repetitionPenalty?: number;
}

/** A valid request with every name resolved: what both programs work with. */
export interface SpeechRequest {
  /** The model id asked for, as the lists spell it. */
  modelId: string;
  model: ModelId;
  /** The voice id asked for, as the lists spell it; `design` where the instructions are the voice. */
  voiceId: string;
  speaker: Speaker | null;
  /** Composed, as are the instructions, whatever form they were sent in. */
  input: string;
  instructions: string | null;
  language: LanguageChoice;
  sampling: Sampling;
  /** Whether a long text may be spoken in segments, or must be one to the model, as far as that fits. */
  segmentation: "auto" | "off";
  /** Null lets the server derive one from what is said. */
  seed: number | null;
  format: AudioFormat;
  /** Of the file, in Hz. */
  sampleRate: SampleRate;
  /** Of the file, in bits per second; null for formats that have no constant bitrate. */
  bitrate: number | null;
  speed: number;
  /** Whether the silence before and after the speech is cut. */
  trimSilence: boolean;
  streamFormat: "audio" | "sse";
  /** Fields that were sent and have no effect, by their names on the wire. */
  ignoredFields: string[];
}

/**
 * The body of `POST /v1/audio/speech`. Parses to a resolved {@link SpeechRequest}; each issue's message is fit for the client, and a
 * custom issue carries the error code in `params.code`.
 */
export const speechRequestSchema = wireRequestSchema.transform((wire, context): SpeechRequest => {
  const refuse = (param: string, code: string, message: string) => {
    context.addIssue({ code: "custom", path: [param], params: { code }, message });
    return z.NEVER;
  };

  const model = resolveModel(wire.model);
  if (!model) {
    return refuse("model", "model_not_found", broken("model", rules.model, wire.model));
  }
  const voice = resolveVoice(wire.voice ?? undefined, model.native);
  if ("code" in voice) return refuse("voice", voice.code, voice.message);

  const [languageField, languageText] =
    wire.language == null ? ["lang_code", wire.lang_code] : ["language", wire.language];
  const asked = languageText == null ? undefined : parseLanguage(languageText);
  if (languageText != null && !asked) {
    const message = broken(languageField, rules.language, languageText);
    return refuse(languageField, "unsupported_language", message);
  }
  if (wire.language != null && wire.lang_code != null && parseLanguage(wire.lang_code) !== asked) {
    return refuse(
      "lang_code",
      "invalid_value",
      "lang_code must agree with language, or be left out",
    );
  }
  if (model.language && asked && asked !== "auto" && asked !== model.language) {
    const message = `${languageField} must agree with the model ${model.id}, which speaks ${model.language}; got ${brief(languageText)}`;
    return refuse(languageField, "invalid_value", message);
  }

  const format = wire.response_format ?? "mp3";
  const sampleRate = (wire.sample_rate ?? defaultSampleRate) as SampleRate;
  const problem = findEncodingProblem(format, sampleRate, wire.bitrate ?? null);
  if (problem) return refuse(problem.field, "invalid_value", problem.message);

  const { followsInstructions } = nativeModels[model.native];
  const instructions = wire.instructions?.trim() ? toComposed(wire.instructions) : null;
  return {
    modelId: model.id,
    model: model.native,
    voiceId: voice.id,
    speaker: voice.speaker,
    input: toComposed(wire.input),
    instructions: followsInstructions ? instructions : null,
    language: model.language ?? asked ?? "auto",
    sampling: {
      ...(wire.temperature == null ? {} : { temperature: wire.temperature }),
      ...(wire.top_k == null ? {} : { topK: wire.top_k }),
      ...(wire.top_p == null ? {} : { topP: wire.top_p }),
      ...(wire.repetition_penalty == null ? {} : { repetitionPenalty: wire.repetition_penalty }),
    },
    segmentation: wire.segmentation ?? "auto",
    seed: wire.seed ?? null,
    format,
    sampleRate,
    bitrate: wire.bitrate ?? defaultBitrate(format, sampleRate),
    speed: wire.speed ?? 1,
    trimSilence: wire.trim_silence ?? false,
    streamFormat: wire.stream_format ?? "audio",
    ignoredFields: [
      ...Object.keys(wire).filter((name) => !Object.hasOwn(wireRequestSchema.shape, name)),
      ...(instructions && !followsInstructions ? ["instructions"] : []),
    ],
  };
});

type VoiceChoice = { id: string; speaker: Speaker | null } | { code: string; message: string };

function resolveVoice(asked: string | undefined, model: ModelId): VoiceChoice {
  const { kind } = nativeModels[model];
  if (kind === "voice_design") {
    if (asked === undefined || asked.toLowerCase() === "design")
      return { id: "design", speaker: null };
    return {
      code: "voice_not_found",
      message: `voice must be left out or "design" with ${model}, whose instructions describe the voice; got ${brief(asked)}`,
    };
  }
  if (asked === undefined)
    return { code: "missing_required_parameter", message: "voice is required" };
  if (kind === "base") {
    return {
      code: "voice_not_found",
      message: `voice must be a cloned voice with ${model}, and this server has none; got ${brief(asked)}`,
    };
  }
  return (
    findVoice(asked) ?? { code: "voice_not_found", message: broken("voice", rules.voice, asked) }
  );
}
