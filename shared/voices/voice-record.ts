import * as z from "zod";
import { type Language, languages, languageTags } from "../languages.ts";
import { keptVoiceSchema } from "./kept-voice.ts";

/** How a voice came to be: from a recording, or from a description, as OpenAI calls the two. */
export const voiceTypes = ["audio_sample", "prompt"] as const;

/** All that is known of a kept voice but what it sounds like, which is in its file. */
export const voiceRecordSchema = keptVoiceSchema.extend({
  type: z.enum(voiceTypes),
  /** In Unix seconds. */
  created_at: z.int().positive(),
  /** The description that it was made from. */
  prompt: z.string().nullable(),
  /** What its sample is spoken in, where whoever made it said so. */
  language: z.enum(languages as [Language, ...Language[]]).nullable(),
  /** The id of the consent that it was made with. */
  consent: z.string().nullable(),
  /** Of the recording, trimmed. */
  seconds: z.number().positive(),
  /** Whether its recording's words were told, so that models go on from it and not from the x-vector alone. */
  has_reference: z.boolean(),
});

export type VoiceRecord = z.infer<typeof voiceRecordSchema>;

export const consentIdPattern = /^cons_[0-9a-f]{32}$/;

/** That somebody lets a voice be made of their own. The recording is not kept: its digest tells whether another is the same. */
export const consentRecordSchema = z.object({
  id: z.string().regex(consentIdPattern),
  name: z.string(),
  language: z.string(),
  created_at: z.int().positive(),
  seconds: z.number().positive(),
  /** Of the recording, in hexadecimal. */
  sha256: z.string(),
});

export type ConsentRecord = z.infer<typeof consentRecordSchema>;

export const keptVoiceAnswerSchema = z.object({
  id: z.string(),
  voice_id: z.string(),
  object: z.literal("audio.voice"),
  type: z.enum(voiceTypes),
  name: z.string(),
  created_at: z.int(),
  prompt: z.string().optional(),
  consent: z.string().optional(),
  /** BCP-47 tag. */
  language: z.string().nullable(),
  /** Those that speak with it. */
  models: z.array(z.string()),
  /** Whether models go on from the recording and its words, or know its x-vector alone. */
  cloned_by: z.enum(["reference", "x_vector"]),
  /** Of the recording, trimmed. */
  seconds: z.number(),
  /** Where it can be heard, with the key of whoever made it. */
  preview_url: z.string(),
});

export type KeptVoiceAnswer = z.infer<typeof keptVoiceAnswerSchema>;

export const consentAnswerSchema = consentRecordSchema.extend({
  object: z.literal("audio.voice_consent"),
});

export const consentListSchema = z.object({
  object: z.literal("list"),
  data: z.array(consentAnswerSchema),
  has_more: z.literal(false),
});

export const deletedVoiceSchema = z.object({
  id: z.string(),
  object: z.literal("audio.voice.deleted"),
  deleted: z.literal(true),
});

export const deletedConsentSchema = z.object({
  id: z.string(),
  object: z.literal("audio.voice_consent.deleted"),
  deleted: z.literal(true),
});

/** What is told of a voice, at the place that a request came to. */
export function describeKeptVoice(record: VoiceRecord, requestUrl: string): KeptVoiceAnswer {
  const { id, type, name, created_at, prompt, consent, language, models, seconds } = record;
  return {
    id,
    voice_id: id,
    object: "audio.voice",
    type,
    name,
    created_at,
    ...(prompt === null ? {} : { prompt }),
    ...(consent === null ? {} : { consent }),
    language: language && languageTags[language],
    models,
    cloned_by: record.has_reference ? "reference" : "x_vector",
    seconds,
    preview_url: new URL(`/v1/audio/voices/${id}/sample.mp3`, requestUrl).href,
  };
}
