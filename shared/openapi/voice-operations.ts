import { maxRecordingBytes } from "../voices/voice-order.ts";
import type { Operation, Parameter } from "./operation.ts";
import type { JsonSchema } from "./request-schema.ts";

const json = (schema: string) => ({
  "application/json": { $ref: `#/components/schemas/${schema}` },
});

const keptId: Parameter = {
  name: "id",
  in: "path",
  description: "Of a voice that this key has kept.",
  example: `voice_${"0".repeat(32)}`,
};
const consentId: Parameter = {
  name: "id",
  in: "path",
  description: "Of a consent that this key has kept.",
  example: `cons_${"0".repeat(32)}`,
};

const recording = {
  type: "string",
  contentEncoding: "base64",
  description: `A recording of one voice: WAV, MP3, FLAC, Ogg, Opus, AAC, M4A or WebM, 1 to 60 s without the silence around it, at most ${maxRecordingBytes} bytes; in JSON as base64.`,
};
const name = { type: "string", minLength: 1, maxLength: 256 };

/** The body is multipart or JSON, with the same fields. */
const voiceBody: JsonSchema = {
  type: "object",
  required: ["name"],
  properties: {
    type: {
      type: "string",
      enum: ["audio_sample", "prompt"],
      default: "audio_sample",
      description: "`audio_sample` clones the voice of a recording, `prompt` designs one.",
    },
    name,
    audio_sample: recording,
    consent: { type: "string", description: "The id of the consent of whoever is heard." },
    ref_text: {
      type: ["string", "null"],
      description:
        "What is said in the recording. With it models go on from the recording; without it they know the x-vector alone.",
    },
    language: { type: ["string", "null"] },
    prompt: { type: "string", maxLength: 2000, description: "What the voice is like." },
    script_hint: {
      type: ["string", "null"],
      maxLength: 2000,
      description: "What the designed voice says once, to be cloned from.",
    },
  },
};

const consentBody: JsonSchema = {
  type: "object",
  required: ["name", "language", "recording"],
  properties: { name, language: { type: "string" }, recording },
};

const nameBody: JsonSchema = { type: "object", required: ["name"], properties: { name } };

const errors = [401, 403, 404, 429, 500, 503];
const writing = [400, ...errors, 409, 413, 415, 507];
const making = [...writing, 502, 504];

/** The voices and consents that a key keeps. */
export const voiceOperations: readonly Operation[] = [
  {
    method: "post",
    path: "/v1/audio/voices",
    tag: "Models and voices",
    summary: "Keep a voice",
    description:
      "Of a recording, or of a description. It speaks with the Base models that encoded it, wherever a preset would, under its id or its name; the recording is not kept.",
    body: voiceBody,
    alsoMultipart: true,
    answers: json("KeptVoice"),
    errors: making,
  },
  {
    method: "post",
    path: "/v1/audio/voices/{id}",
    tag: "Models and voices",
    summary: "Rename a kept voice",
    parameters: [keptId],
    body: nameBody,
    alsoMultipart: true,
    answers: json("KeptVoice"),
    errors: writing,
  },
  {
    method: "delete",
    path: "/v1/audio/voices/{id}",
    tag: "Models and voices",
    summary: "Delete a kept voice, and what it has spoken",
    parameters: [keptId],
    answers: json("DeletedVoice"),
    errors,
  },
  {
    method: "get",
    path: "/v1/audio/voices/{id}/sample.mp3",
    tag: "Models and voices",
    summary: "Hear a kept voice",
    parameters: [
      keptId,
      ...["language", "model"].map(
        (name): Parameter => ({ name, in: "query", description: "Left out, the voice's own." }),
      ),
    ],
    answers: { "audio/mpeg": { type: "string", contentMediaType: "application/octet-stream" } },
    errors: [400, ...errors, 499, 504],
  },
  {
    method: "post",
    path: "/v1/audio/voice_consents",
    tag: "Models and voices",
    summary: "Keep a consent",
    description: "That whoever is heard lets a voice be made of theirs. The recording is not kept.",
    body: consentBody,
    alsoMultipart: true,
    answers: json("VoiceConsent"),
    errors: making,
  },
  {
    method: "get",
    path: "/v1/audio/voice_consents",
    tag: "Models and voices",
    summary: "List the consents of this key",
    answers: json("VoiceConsentList"),
    errors,
  },
  {
    method: "get",
    path: "/v1/audio/voice_consents/{id}",
    tag: "Models and voices",
    summary: "Describe a consent",
    parameters: [consentId],
    answers: json("VoiceConsent"),
    errors,
  },
  {
    method: "post",
    path: "/v1/audio/voice_consents/{id}",
    tag: "Models and voices",
    summary: "Rename a consent",
    parameters: [consentId],
    body: nameBody,
    alsoMultipart: true,
    answers: json("VoiceConsent"),
    errors: writing,
  },
  {
    method: "delete",
    path: "/v1/audio/voice_consents/{id}",
    tag: "Models and voices",
    summary: "Delete a consent",
    parameters: [consentId],
    answers: json("DeletedVoiceConsent"),
    errors,
  },
];
