import * as z from "zod";
import { type Catalogue, modelNames, plainCatalogue } from "./catalogue.ts";
import { findEncodingProblem } from "./encoding-rules.ts";
import { type AudioFormat, defaultBitrate, defaultSampleRate, type SampleRate } from "./formats.ts";
import { type LanguageChoice, parseLanguage, parseLanguageCode } from "./languages.ts";
import { composedLexicon, type Lexicon } from "./lexicon-rules.ts";
import { type ModelId, nativeModels, type ResolvedModel } from "./models.ts";
import { joinTurns, placesOf, turnsOf, unknownTurnFields } from "./spoken-input.ts";
import { isBlank, toComposed } from "./text-rules.ts";
import type { VoiceBlend } from "./voices/blend.ts";
import type { Cast } from "./voices/cast.ts";
import { castRequest, forVoices } from "./voices/cast-request.ts";
import type { KeptVoice } from "./voices/kept-voice.ts";
import type { Speaker } from "./voices/presets.ts";
import { keptVoicesField } from "./voices/voice-files.ts";
import { rules, wireRequestSchema } from "./wire-request.ts";
import { brief, broken, nullIfEmpty } from "./wire-values.ts";

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
  /** What speaks where it is no preset speaker alone. */
  blend: VoiceBlend | null;
  /** Those that are kept for whoever asks and that the request may name. */
  keptVoices: readonly KeptVoice[];
  /** Composed, as are the instructions, whatever form they were sent in. Of a dialogue, all that is said. */
  input: string;
  /** Who says what of it; null where it is no dialogue. */
  turns: readonly Turn[] | null;
  /** Whether `input` is a document of SSML. */
  inputFormat: "text" | "ssml";
  /** What in a text is not to be read out but followed. */
  markup: "none" | "tags" | "markdown";
  /** Whether blocks of code are read out, where `markup` tells them apart. */
  codeBlocks: "skip" | "speak";
  /** The names for voices that are this server's own, as JSON, where the input may use them; else empty. */
  voiceAliases: string;
  /** Whether it is told when segments, or words too, are said. */
  timestamps: "segment" | "word" | null;
  /** Whether it is told how far the speech has come. */
  progress: boolean;
  instructions: string | null;
  language: LanguageChoice;
  sampling: Sampling;
  /** Whether a long text may be spoken in segments, or must be one to the model, as far as that fits. */
  segmentation: "auto" | "off";
  /** Whether what is written in signs is put in words; `auto` leaves it to the engine. */
  normalization: "auto" | "on" | "off";
  /** How words are to be said; null where there are none. */
  lexicon: Lexicon | null;
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
  /** In dB, of which 0 changes nothing. */
  volume: number;
  /** What the file is brought to, in LUFS, before the volume; null leaves it as loud as it was spoken. */
  loudness: number | null;
  streamFormat: "audio" | "sse";
  /** Whether a file leaves as it is spoken, or when it is whole. */
  stream: boolean;
  /** Fields that were sent and have no effect, by their names on the wire. */
  ignoredFields: string[];
}

/** What one says in a dialogue. */
export interface Turn extends Cast {
  /** Where in `input`, in UTF-16 units. */
  start: number;
  end: number;
  instructions: string | null;
}

const known = new WeakMap<Catalogue, ReturnType<typeof createSchema>>();

/**
 * The body of `POST /v1/audio/speech`, of a deployment with these names. Parses to a resolved {@link SpeechRequest}; each
 * issue's message is fit for the client, and a custom issue carries the error code in `params.code`.
 */
export function speechRequestSchemaOf(catalogue: Catalogue) {
  const schema = known.get(catalogue) ?? createSchema(catalogue);
  known.set(catalogue, schema);
  return schema;
}

const createSchema = (catalogue: Catalogue) =>
  wireRequestSchema.transform((wire, context): SpeechRequest => {
    const refuse = (param: string, code: string, message: string) => {
      context.addIssue({ code: "custom", path: [param], params: { code }, message });
      return z.NEVER;
    };

    const written = turnsOf(wire.input);
    const asked = chooseModel(wire.model, catalogue);
    if ("code" in asked) return refuse("model", asked.code, asked.message);
    const model = forVoices(asked, [wire.voice, ...written.map(({ voice }) => voice)], catalogue);
    const cast = castRequest(wire.voice, written, model.native, catalogue);
    if ("code" in cast) return refuse(cast.param, cast.code, cast.message);
    const { voice } = cast;

    const byName = wire.language == null ? undefined : parseLanguage(wire.language);
    const byCode = wire.lang_code == null ? undefined : parseLanguageCode(wire.lang_code);
    if (wire.language != null && !byName) {
      const message = broken("language", rules.language, wire.language);
      return refuse("language", "unsupported_language", message);
    }
    if (wire.lang_code != null && !byCode) {
      const message = broken("lang_code", rules.lang_code, wire.lang_code);
      return refuse("lang_code", "unsupported_language", message);
    }
    if (byName && byCode && byName !== byCode) {
      return refuse(
        "lang_code",
        "invalid_value",
        "lang_code must agree with language, or be left out",
      );
    }
    const language = byName ?? byCode;
    if (model.language && language && language !== "auto" && language !== model.language) {
      const [field, text] = byName ? ["language", wire.language] : ["lang_code", wire.lang_code];
      const message = `${field} must agree with the model ${model.id}, which speaks ${model.language}; got ${brief(text)}`;
      return refuse(field, "invalid_value", message);
    }

    const format = wire.response_format ?? "mp3";
    const sampleRate = (wire.sample_rate ?? defaultSampleRate(format)) as SampleRate;
    const problem = findEncodingProblem(format, sampleRate, wire.bitrate ?? null);
    if (problem) return refuse(problem.field, "invalid_value", problem.message);

    const text = typeof wire.input === "string" ? toComposed(wire.input) : joinTurns(written);
    const isDialogue = written.length > 0;
    const inputFormat = wire.input_format ?? (!isDialogue && isSsml(text) ? "ssml" : "text");
    const markup = wire.markup ?? "none";
    if (isDialogue && (inputFormat === "ssml" || markup !== "none")) {
      const [field, value] = inputFormat === "ssml" ? ["input_format", "text"] : ["markup", "none"];
      const message = `${field} must be ${value}, or left out, where input is turns; got ${brief(wire[field as "markup"])}`;
      return refuse(field, "invalid_value", message);
    }
    if (inputFormat === "ssml" && markup !== "none") {
      const message = `markup must be none, or left out, with SSML; got ${brief(markup)}`;
      return refuse("markup", "invalid_value", message);
    }

    const { followsInstructions } = nativeModels[model.native];
    const instructions = isBlank(wire.instructions ?? "")
      ? null
      : toComposed(wire.instructions ?? "");
    const places = placesOf(written);
    const turns = written.map(
      (turn, index): Turn => ({
        ...(cast.turns[index] ?? voice),
        ...(places[index] ?? { start: 0, end: 0 }),
        instructions: followsInstructions ? (turn.instructions ?? instructions) : null,
      }),
    );
    const hasInstructedTurns = written.some(({ instructions }) => instructions !== null);
    return {
      modelId: model.id,
      model: model.native,
      voiceId: voice.id,
      speaker: voice.speaker,
      blend: voice.blend,
      keptVoices: catalogue.keptVoices,
      input: text,
      turns: isDialogue ? turns : null,
      inputFormat,
      markup,
      codeBlocks: markup === "markdown" ? (wire.code_blocks ?? "skip") : "skip",
      timestamps: wire.timestamps ?? null,
      progress: wire.progress ?? false,
      voiceAliases: isMarkedUp({ inputFormat, markup }) ? namesOf(catalogue) : "",
      instructions: followsInstructions ? instructions : null,
      language: model.language ?? language ?? "auto",
      sampling: {
        ...(wire.temperature == null ? {} : { temperature: wire.temperature }),
        ...(wire.top_k == null ? {} : { topK: wire.top_k }),
        ...(wire.top_p == null ? {} : { topP: wire.top_p }),
        ...(wire.repetition_penalty == null ? {} : { repetitionPenalty: wire.repetition_penalty }),
      },
      segmentation: wire.segmentation ?? "auto",
      normalization: wire.normalization ?? "auto",
      // The schema has seen that there are strings alone.
      lexicon: composedLexicon(wire.lexicon as Lexicon | null | undefined),
      seed: wire.seed ?? null,
      format,
      sampleRate,
      bitrate: wire.bitrate ?? defaultBitrate(format, sampleRate),
      speed: wire.speed ?? 1,
      trimSilence: wire.trim_silence ?? false,
      volume: wire.volume ?? 0,
      loudness: wire.loudness ?? null,
      streamFormat: wire.stream_format ?? "audio",
      stream: wire.stream ?? true,
      ignoredFields: [
        ...Object.keys(wire).filter(
          (name) => name !== keptVoicesField && !Object.hasOwn(wireRequestSchema.shape, name),
        ),
        ...(instructions && !followsInstructions ? ["instructions"] : []),
        ...(hasInstructedTurns && !followsInstructions ? ["input.instructions"] : []),
        ...unknownTurnFields(wire.input),
      ],
    };
  });

/** Whether something in the input is followed and not read out. */
export function isMarkedUp({
  inputFormat,
  markup,
}: Pick<SpeechRequest, "inputFormat" | "markup">): boolean {
  return inputFormat === "ssml" || markup !== "none";
}

/** The names that mean something else elsewhere, with what they mean here. */
function namesOf({ voiceAliases, keptVoices }: Catalogue): string {
  const aliases = Array.from(voiceAliases, ([name, { speaker }]) => [name, speaker]);
  const kept = keptVoices.map(({ id, name, digest }) => [id, name, digest]);
  const names = [...aliases, ...kept].sort();
  return names.length > 0 ? JSON.stringify(names) : "";
}

/** Whoever does not say what an input is means SSML by what begins as such. */
export function isSsml(input: string): boolean {
  return /^\s*<(?:speak[\s/>]|\?xml\s|!DOCTYPE\s+speak\b)/.test(input);
}

/** The schema of a deployment that was told of no names. */
export const speechRequestSchema = speechRequestSchemaOf(plainCatalogue);

/**
 * The request with another model of its kind in the place of its own. What that one has no use for is dropped and named,
 * so that it is the same request as one that asked for that model.
 */
export function speakWith(request: SpeechRequest, model: ModelId): SpeechRequest {
  if (model === request.model) return request;
  const { instructions, ignoredFields } = request;
  if (instructions === null || nativeModels[model].followsInstructions)
    return { ...request, model };
  return {
    ...request,
    model,
    instructions: null,
    ignoredFields: [...ignoredFields, "instructions"],
  };
}

interface Refusal {
  code: string;
  message: string;
}

function chooseModel(asked: unknown, catalogue: Catalogue): ResolvedModel | Refusal {
  const name = nullIfEmpty(asked) ?? catalogue.defaultModel;
  if (typeof name !== "string") {
    return { code: "invalid_value", message: broken("model", modelRule(catalogue), name) };
  }
  return (
    catalogue.resolveModel(name) ?? {
      code: "model_not_found",
      message: broken("model", modelRule(catalogue), name),
    }
  );
}

/** What `model` must be, in words that complete "model must be …". */
export function modelRule(catalogue: Catalogue): string {
  return `one of ${modelNames(catalogue).join(", ")}, or one of these with a language suffix such as tts-1-es`;
}
