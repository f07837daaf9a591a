import * as z from "zod";
import { formatNames } from "./formats.ts";
import type { SpeechEnd } from "./frames/frame.ts";
import { speechEventSchema, timestampsSchema } from "./speech-events.ts";
import { keptVoiceAnswerSchema } from "./voices/voice-record.ts";

export const modelSchema = z.object({
  id: z.string(),
  object: z.literal("model"),
  created: z.int(),
  owned_by: z.literal("qwen3-tts"),
  /** Nobody means to switch it off. */
  shutdown_date: z.null(),
  /** The checkpoint that the id stands for, or another one that speaks in its place. */
  resolved_model: z.string(),
  /** The ids of the voices that it takes. */
  voices: z.array(z.string()),
  /** Whether a request would be spoken now, perhaps once the model has been loaded. An edge may not know. */
  available: z.boolean().optional(),
  /** Whether it could speak now, without being loaded first. An edge may not know. */
  loaded: z.boolean().optional(),
  /** What answers for it: `builtin` stands in, null says that nothing does. */
  engine: z.enum(["qwen3", "builtin"]).nullish(),
  /** Of what would speak it, loaded or not; null when nothing would. Origins alone tell it. */
  revision: z.string().nullish(),
});

/** `data` is what the OpenAI SDKs read, `models` what Open WebUI reads. */
export const modelListSchema = z.object({
  object: z.literal("list"),
  data: z.array(modelSchema),
  models: z.array(modelSchema),
});

export const voiceSchema = z.object({
  voice_id: z.string(),
  id: z.string(),
  object: z.literal("audio.voice"),
  type: z.literal("preset"),
  name: z.string(),
  preview_url: z.string().nullable(),
  gender: z.enum(["female", "male"]),
  /** What the voice is like. */
  description: z.string(),
  /** BCP-47 tag of the language the speaker speaks natively; every voice speaks all ten. */
  language: z.string(),
});

/** Presets, and behind them what whoever asks has kept. */
export const listedVoiceSchema = z.union([voiceSchema, keptVoiceAnswerSchema]);

export const voiceListSchema = z.object({
  object: z.literal("list"),
  data: z.array(listedVoiceSchema),
  voices: z.array(listedVoiceSchema),
});

export const usageSchema = z.object({
  input_tokens: z.int(),
  output_tokens: z.int(),
  total_tokens: z.int(),
});

/** Where the file, and what happens in it, can be fetched for a while, by anybody. */
export const fileUrlsSchema = z.object({
  url: z.url().optional(),
  vtt_url: z.url().optional(),
  srt_url: z.url().optional(),
});

/** The answer of `POST /v1/audio/speech/base64`. */
export const base64AnswerSchema = z.object({
  audio: z.base64(),
  format: z.enum(formatNames),
  sample_rate: z.int(),
  duration_ms: z.int(),
  usage: usageSchema,
  /** Where they were asked for. */
  timestamps: timestampsSchema.optional(),
  ...fileUrlsSchema.shape,
});

/** The answer of the edge's `POST /v1/audio/tokens`. */
export const tokenAnswerSchema = z.object({
  token: z.string(),
  /** In Unix seconds. */
  expires_at: z.int(),
});

/** The events of `stream_format: "sse"`, as openai-openapi's `CreateSpeechResponseStreamEvent` has them. */
export const speechStreamEventSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("speech.audio.delta"), audio: z.base64() }),
  z.object({
    type: z.literal("speech.audio.done"),
    usage: usageSchema,
    ...fileUrlsSchema.shape,
  }),
  // With `timestamps`.
  ...speechEventSchema.options,
]);

/**
 * The answer of the edge's `GET /health`: the origins in the order of their setting, without their addresses, and the
 * bindings of Cloudflare resources that this deployment lacks.
 */
export const edgeHealthSchema = z.object({
  status: z.enum(["ok", "unavailable"]),
  /** Whether it asks for keys or lets anybody in. */
  auth: z.enum(["keys", "open"]),
  origins: z.array(
    z.object({ index: z.int(), state: z.enum(["ready", "not_ready", "unreachable"]) }),
  ),
  missing_bindings: z.array(z.string()),
  /** Tells whether it and an origin mean the same by the names of models and voices. */
  catalogue: z.string(),
});

export type Model = z.infer<typeof modelSchema>;
export type Voice = z.infer<typeof voiceSchema>;
export type Usage = z.infer<typeof usageSchema>;
export type Base64Answer = z.infer<typeof base64AnswerSchema>;
export type SpeechStreamEvent = z.infer<typeof speechStreamEventSchema>;
export type EdgeHealth = z.infer<typeof edgeHealthSchema>;

/** Output tokens are codec frames, the tokens a Qwen3-TTS model generates. */
export function usageOf(end: SpeechEnd): Usage {
  return {
    input_tokens: end.input_tokens,
    output_tokens: end.frames,
    total_tokens: end.input_tokens + end.frames,
  };
}
