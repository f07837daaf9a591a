import * as z from "zod";
import type { Catalogue } from "../catalogue.ts";
import { formatAliases, speechSampleRate } from "../formats.ts";
import { inputJsonSchema } from "../spoken-input.ts";
import { maxTextCodePoints } from "../text-rules.ts";
import { type rules, wireRequestSchema } from "../wire-request.ts";

export type JsonSchema = Record<string, unknown>;

type Field = keyof typeof wireRequestSchema.shape;

const aliases = Object.entries(formatAliases)
  .map(([alias, format]) => `\`${alias}\` for ${format}`)
  .join(", ");

/** What each field does. What it must be is in the schema that validates, or of names in the catalogue. */
const meanings: Record<Field, string> = {
  model:
    "What speaks. A suffix such as `tts-1-es` sets the language. Left out: the deployment's default.",
  input: `What is said: 1 to ${maxTextCodePoints} Unicode code points, or the turns of several speakers with as many in all.`,
  voice:
    'Who speaks, in any case, or `{"id": …}`: a preset, the id or the name of a voice kept here, or a blend such as `alloy(2)+echo(1)`. Left out: the deployment\'s default. VoiceDesign takes none: its instructions are the voice.',
  instructions: "How it is said, for the 1.7B models; for VoiceDesign, the voice itself.",
  response_format:
    "How it is encoded. `ogg` is Opus in Ogg under `audio/ogg`, `webm` Opus for MediaSource, `pcm` signed 16 bit, mono, " +
    `\`mulaw\` and \`alaw\` G.711 without a header. Also taken: ${aliases}.`,
  speed: "Tempo; the pitch stays.",
  sample_rate:
    "Of the file, in Hz. Opus has no 22050 and 44100; `mulaw` and `alaw` are always at 8000.",
  bitrate: "Of formats that have one, in bits per second.",
  trim_silence: "Whether the silence before and after the speech is cut. Pauses stay.",
  volume: "In decibels: louder or softer than it was spoken, and never clipped.",
  loudness:
    "The integrated loudness of the file in LUFS (EBU R 128), such as -19 for a podcast in one channel; `volume` comes on top. Left out: as it was spoken.",
  stream_format: "`sse` answers with server-sent events, each with a piece of the file in base64.",
  stream:
    "`false` answers with a file that is whole, with its length; by default it is sent while it is spoken.",
  language: "`auto`, a name or a BCP-47 tag.",
  lang_code: "The same by another name, which also takes Kokoro's letters.",
  seed: "The same request with the same seed sounds the same. Left out, the seed follows from what is said.",
  temperature: "How freely the model draws; 0 always takes what is likeliest.",
  top_k: "Draws among so many of the likeliest tokens; 0 among all.",
  top_p: "Draws among the likeliest tokens that together have this probability.",
  repetition_penalty: "Above 1, the model repeats itself less.",
  input_format:
    "What `input` is: `ssml` for a document of SSML, which one that begins with `<speak` is unless it is called `text`.",
  markup:
    "What in a text is followed and not read out: `tags` such as `[pause:1.2s]`, `[voice:echo]` and `[rate:1.2]`, or `markdown` as one would read it aloud.",
  progress:
    "Whether events say how far the speech has come. Of what is served from the cache, or spoken for somebody else, there may be none.",
  timestamps:
    "Whether events, or fields of JSON, say when each segment is said, or each word too where the engine knows; marks of SSML come with either.",
  code_blocks: "Whether blocks of code are read out, with `markup: markdown`.",
  normalization:
    "Whether numbers, dates, money, units, addresses, emoji and the like are put in words before a model has them; `auto` leaves it to what the engine reads well.",
  lexicon:
    "How words are said: each word, and what is spoken in its place. Whole words in any case, the longest first; a word in the very case of an entry takes that one.",
  segmentation: "`off` speaks a long text in one context of the model, or not at all.",
};

const defaults: Partial<Record<Field, unknown>> = {
  response_format: "mp3",
  speed: 1,
  sample_rate: speechSampleRate,
  trim_silence: false,
  volume: 0,
  stream_format: "audio",
  stream: true,
  language: "auto",
  segmentation: "auto",
  markup: "none",
  code_blocks: "skip",
  progress: false,
  normalization: "auto",
} satisfies Partial<Record<Field | keyof typeof rules, unknown>>;

/** The body of `POST /v1/audio/speech` in JSON Schema (2020-12), from the schema that validates it. */
export function requestJsonSchema(catalogue: Catalogue): JsonSchema {
  const { properties } = z.toJSONSchema(wireRequestSchema, { io: "output" });
  const named: Partial<Record<Field, JsonSchema>> = {
    model: { type: ["string", "null"], default: catalogue.defaultModel },
    input: inputJsonSchema,
    voice: {
      anyOf: [
        { type: ["string", "null"] },
        { type: "object", properties: { id: { type: "string" } }, required: ["id"] },
      ],
      default: catalogue.defaultVoice,
    },
  };
  const fields = Object.keys(wireRequestSchema.shape) as Field[];
  return {
    type: "object",
    required: ["input"],
    properties: Object.fromEntries(
      fields.map((field) => [
        field,
        {
          description: meanings[field],
          ...(named[field] ?? (properties?.[field] as JsonSchema)),
          ...(field in defaults ? { default: defaults[field] } : {}),
        },
      ]),
    ),
    additionalProperties: {
      description: "Fields that are unknown have no effect and are named in `X-Ignored-Fields`.",
    },
    example: { model: "tts-1", input: "Hello, world!", voice: "alloy" },
  };
}
