import { batchJsonSchema } from "../batch/batch-request.ts";
import { formatNames, formats } from "../formats.ts";
import { jobJsonSchema } from "../jobs/job-request.ts";
import { socketPath } from "../socket.ts";
import type { Operation, Parameter } from "./operation.ts";
import { voiceOperations } from "./voice-operations.ts";

const binary = { type: "string", contentMediaType: "application/octet-stream" };
const json = (schema: string) => ({
  "application/json": { $ref: `#/components/schemas/${schema}` },
});

const audio = Object.fromEntries(formatNames.map((name) => [formats[name].type, binary]));
const speechErrors = [400, 401, 403, 413, 415, 429, 499, 500, 503, 504];

const directives: Parameter = {
  name: "Cache-Control",
  in: "header",
  description:
    "`no-cache` has another take spoken, `no-store` leaves no trace, `only-if-cached` speaks nothing that is not kept.",
  schema: { type: "string" },
};

const id = (of: string, example: string): Parameter => ({
  name: "id",
  in: "path",
  description: `Of the ${of}, by any name that is taken.`,
  example,
});

const aliases: Parameter = {
  name: "aliases",
  in: "query",
  description: "`true` adds the other names that are taken.",
  schema: { type: "string", enum: ["true", "false"] },
};

function models(base: string): Operation[] {
  return [
    {
      method: "get",
      path: base,
      tag: "Models and voices",
      summary: "List the models",
      isPublic: true,
      parameters: [aliases],
      answers: json("ModelList"),
      errors: [429],
    },
    {
      method: "get",
      path: `${base}/{id}`,
      tag: "Models and voices",
      summary: "Describe a model",
      isPublic: true,
      parameters: [id("model", "tts-1")],
      answers: json("Model"),
      errors: [404, 429],
    },
  ];
}

const jobErrors = [401, 403, 404, 429, 500, 503];

const job = (method: "get" | "post" | "delete", rest: string, summary: string, schema = "Job") => ({
  method,
  path: `/v1/audio/jobs/{id}${rest}`,
  tag: "Speech" as const,
  summary,
  parameters: [
    {
      name: "id",
      in: "path" as const,
      description: "Of the job.",
      example: `job_${"0".repeat(8)}_${"0".repeat(24)}`,
    },
    ...(rest.includes("{number}")
      ? [
          {
            name: "number",
            in: "path" as const,
            description: "Of the chapter, from 1.",
            example: "1",
          },
        ]
      : []),
  ],
  answers: json(schema),
  errors: jobErrors,
});

const jobs: readonly Operation[] = [
  {
    method: "post",
    path: "/v1/audio/jobs",
    tag: "Speech",
    summary: "Have a long script spoken while nobody waits",
    description:
      "Answers at once with the job. It goes on where it was when the server is started again, and belongs to the key that made it.",
    body: jobJsonSchema,
    status: 202,
    answers: json("Job"),
    errors: [400, 401, 403, 413, 415, 429, 500, 503, 507],
  },
  {
    method: "get",
    path: "/v1/audio/jobs",
    tag: "Speech",
    summary: "List the jobs of this key",
    answers: json("JobList"),
    errors: [401, 403, 429, 500, 503],
  },
  job("get", "", "Say how a job is getting on"),
  job("delete", "", "Delete a job and its files", "DeletedJob"),
  job("post", "/cancel", "End a job"),
  {
    ...job("get", "/events", "Hear how a job is getting on"),
    answers: { "text/event-stream": { $ref: "#/components/schemas/JobEvent" } },
  },
  ...["/file", "/chapters/{number}"].map((rest) => ({
    ...job("get", rest, `Fetch ${rest === "/file" ? "the file" : "a chapter"} of a job`),
    description:
      "Also while it grows: all of it as it is spoken, or with `Range` what is there, as `bytes a-b/*`.",
    answers: audio,
    errors: [...jobErrors, 409, 412, 416],
  })),
];

/** Every route of both programs. */
export const operations: readonly Operation[] = [
  {
    method: "post",
    path: "/v1/audio/speech",
    tag: "Speech",
    summary: "Speak a text",
    description:
      "Streams the file while it is spoken. A failure after the first byte resets the connection: a file that ends is whole.",
    parameters: [directives],
    body: "SpeechRequest",
    answers: { ...audio, "text/event-stream": { $ref: "#/components/schemas/SpeechStreamEvent" } },
    errors: speechErrors,
  },
  {
    method: "post",
    path: "/v1/audio/speech/base64",
    tag: "Speech",
    summary: "Speak a text into JSON",
    description:
      "Answers when all of up to 4 MiB of audio has been spoken; a longer one is streamed.",
    parameters: [directives],
    body: "SpeechRequest",
    answers: json("Base64Answer"),
    errors: speechErrors,
  },
  {
    method: "post",
    path: "/v1/audio/speech/batch",
    tag: "Speech",
    summary: "Speak many texts",
    description:
      "Answers each when it is whole, as they finish, and one that fails fails alone. As a ZIP the files are stored as they are, with `manifest.json` at the end.",
    parameters: [directives],
    body: batchJsonSchema,
    answers: {
      "application/jsonl": { $ref: "#/components/schemas/BatchLine" },
      "application/zip": binary,
    },
    errors: speechErrors.filter((status) => status < 504),
  },
  {
    method: "get",
    path: socketPath,
    tag: "Speech",
    summary: "Speak a text while it is written, over a WebSocket",
    description:
      "Text messages of JSON in; JSON and binary audio out. Messages, limits and close codes are in the project's description of the API.",
    parameters: [
      {
        name: "token",
        in: "query",
        description: "A token for browsers, which cannot send headers here.",
        schema: { type: "string" },
      },
      {
        name: "session_id",
        in: "query",
        description: "Of a session to go on with after its connection was lost.",
        schema: { type: "string" },
      },
      {
        name: "last_sequence",
        in: "query",
        description: "The number of the last message of that session that was received.",
        schema: { type: "integer", minimum: 0 },
      },
    ],
    status: 101,
    answers: {},
    errors: [400, 401, 403, 426, 429, 500, 503],
  },
  {
    method: "get",
    path: "/v1/audio/speech/{file}",
    only: "edge",
    tag: "Speech",
    summary: "Fetch a file that is kept or being spoken, or when it is said",
    description:
      "By a signed link, as `Content-Location` and `url` give it, or with a key that has the scope `files`. Takes ranges and `If-None-Match`. As `vtt`, `srt` or `json` the timestamps of one that is kept, where a request asked for any.",
    parameters: [
      {
        name: "file",
        in: "path",
        description: "The file's id and its format.",
        schema: {
          type: "string",
          pattern: `^[0-9a-f]{64}\\.(?:${[...formatNames, "vtt", "srt", "json"].join("|")})$`,
        },
        example: `${"0".repeat(64)}.mp3`,
      },
    ],
    answers: {
      ...audio,
      "text/vtt": { type: "string" },
      "application/x-subrip": { type: "string" },
      ...json("Timestamps"),
    },
    errors: [401, 403, 404, 416, 429, 503],
  },
  {
    method: "post",
    path: "/v1/audio/tokens",
    only: "edge",
    tag: "Speech",
    summary: "Make a token for a browser",
    description: "Needs a key with the scope `tokens`. The token is good for an hour at most.",
    body: "TokenRequest",
    answers: json("Token"),
    errors: [400, 401, 403, 413, 415, 429, 500],
  },
  ...jobs,
  ...models("/v1/models"),
  ...models("/v1/audio/models"),
  {
    method: "get",
    path: "/v1/audio/voices",
    tag: "Models and voices",
    summary: "List the voices",
    isPublic: true,
    parameters: [
      aliases,
      {
        name: "legacy",
        in: "query",
        description: "`true` gives the ids as plain strings.",
        schema: { type: "string", enum: ["true", "false"] },
      },
    ],
    answers: json("VoiceList"),
    errors: [429],
  },
  {
    method: "get",
    path: "/v1/audio/voices/{id}",
    tag: "Models and voices",
    summary: "Describe a voice",
    isPublic: true,
    parameters: [id("voice", "alloy")],
    answers: json("Voice"),
    errors: [404, 429],
  },
  ...voiceOperations,
  {
    method: "get",
    path: "/v1/audio/voices/{id}/preview.mp3",
    tag: "Models and voices",
    summary: "Hear a voice",
    description: "A sentence or two, the same for everybody: what `preview_url` leads to.",
    isPublic: true,
    parameters: [
      id("voice", "alloy"),
      {
        name: "language",
        in: "query",
        description: "A name or a BCP-47 tag; left out, the one that the voice speaks natively.",
        schema: { type: "string" },
      },
      {
        name: "model",
        in: "query",
        description: "One with preset voices.",
        schema: { type: "string" },
      },
    ],
    answers: { "audio/mpeg": binary },
    errors: [400, 404, 429, 499, 500, 503, 504],
  },
  {
    method: "post",
    path: "/openai/deployments/{deployment}/audio/speech",
    tag: "Other clients",
    summary: "Speak a text, as Azure OpenAI's clients ask",
    parameters: [
      {
        name: "deployment",
        in: "path",
        description: "The model; `model` in the body counts for nothing.",
        example: "tts-1",
      },
      {
        name: "api-version",
        in: "query",
        description: "Any will do.",
        schema: { type: "string" },
      },
    ],
    body: "SpeechRequest",
    answers: audio,
    errors: [...speechErrors, 404],
  },
  {
    method: "post",
    path: "/openai/v1/audio/speech",
    tag: "Other clients",
    summary: "Speak a text, as Azure OpenAI's newer clients ask",
    body: "SpeechRequest",
    answers: audio,
    errors: speechErrors,
  },
  ...["", "/stream"].map(
    (rest): Operation => ({
      method: "post",
      path: `/v1/text-to-speech/{voice}${rest}`,
      tag: "Other clients",
      summary: "Speak a text, as ElevenLabs' clients ask",
      parameters: [
        { name: "voice", in: "path", description: "A voice of this server.", example: "alloy" },
        {
          name: "output_format",
          in: "query",
          description: "Codec, sample rate and kbit/s.",
          schema: { type: "string", default: "mp3_44100_128" },
        },
      ],
      body: {
        type: "object",
        required: ["text"],
        properties: {
          text: { type: "string" },
          model_id: { type: "string" },
          language_code: { type: "string" },
          seed: { type: "integer" },
          voice_settings: { type: "object", properties: { speed: { type: "number" } } },
        },
        example: { text: "Hello, world!" },
      },
      answers: audio,
      errors: [...speechErrors, 404],
    }),
  ),
  {
    method: "get",
    path: "/health",
    tag: "Operation",
    summary: "Whether it could speak now, and what it has",
    isPublic: true,
    answers: { "application/json": { type: "object" } },
    errors: [429, 500],
  },
  {
    method: "get",
    path: "/ready",
    only: "origin",
    tag: "Operation",
    summary:
      "200 when it could speak right now, else 503. `crashing` has the engines that die before they speak",
    isPublic: true,
    answers: { "application/json": { type: "object" } },
    errors: [503],
  },
  {
    method: "get",
    path: "/metrics",
    only: "origin",
    tag: "Operation",
    summary: "Prometheus metrics",
    answers: { "text/plain": { type: "string" } },
    errors: [401],
  },
  {
    method: "get",
    path: "/openapi.json",
    tag: "Operation",
    summary: "This document",
    isPublic: true,
    answers: { "application/json": { type: "object" } },
    errors: [429],
  },
  {
    method: "get",
    path: "/llms.txt",
    tag: "Operation",
    summary: "The same in words, for language models",
    isPublic: true,
    answers: { "text/plain": { type: "string" } },
    errors: [429],
  },
];
