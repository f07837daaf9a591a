import * as z from "zod";
import { fileUrlsSchema, usageOf, usageSchema } from "../answers.ts";
import { errorEnvelopeSchema } from "../api-error.ts";
import { type AudioFormat, formatNames, formats } from "../formats.ts";
import { timestampsSchema } from "../speech-events.ts";
import { type FailedItem, type ItemResult, isFailed, type SpokenItem } from "./speak-batch.ts";

const numbered = { index: z.int().nonnegative(), custom_id: z.string().nullable() };

/** What is told of an item that was spoken: what the headers of a single answer tell, and how long it is. */
export const spokenFactsSchema = z.object({
  ...numbered,
  status: z.literal(200),
  content_type: z.string(),
  format: z.enum(formatNames),
  sample_rate: z.int(),
  duration_ms: z.int(),
  bytes: z.int(),
  /** Hex. */
  sha256: z.string(),
  finish: z.enum(["stop", "length"]),
  /** What was asked for. */
  model: z.string().optional(),
  voice: z.string().optional(),
  /** What spoke. */
  resolved_model: z.string().optional(),
  engine: z.string(),
  seed: z.int(),
  /** `X-Cache` of a single answer; origins have no cache. */
  cache: z.string().optional(),
  ignored_fields: z.string().optional(),
  ignored_elements: z.string().optional(),
  usage: usageSchema,
  /** Where they were asked for. */
  timestamps: timestampsSchema.optional(),
  ...fileUrlsSchema.shape,
});

/** What is told of one that was not: its status and error as a single answer would have them. */
export const failedFactsSchema = errorEnvelopeSchema.extend({
  ...numbered,
  status: z.int(),
  /** In seconds. */
  retry_after: z.int().optional(),
});

/** A line of a batch as JSON lines. */
export const batchLineSchema = z.union([
  spokenFactsSchema.extend({ audio: z.base64() }),
  failedFactsSchema,
]);

export type SpokenFacts = z.infer<typeof spokenFactsSchema>;
export type FailedFacts = z.infer<typeof failedFactsSchema>;

export function factsOf(result: ItemResult): SpokenFacts | FailedFacts {
  return isFailed(result) ? failedFacts(result) : spokenFacts(result);
}

export function spokenFacts(spoken: SpokenItem): SpokenFacts {
  const { item, headers, end, timestamps, url, vtt_url, srt_url } = spoken;
  const format: AudioFormat = item.request.format;
  const told: Partial<SpokenFacts> = {};
  const optional = {
    model: headers["x-model"],
    voice: headers["x-voice"],
    resolved_model: headers["x-resolved-model"],
    cache: headers["x-cache"],
    ignored_fields: headers["x-ignored-fields"],
    ignored_elements: headers["x-ignored-elements"],
    timestamps,
    url,
    vtt_url,
    srt_url,
  };
  for (const [name, value] of Object.entries(optional)) {
    if (value !== undefined) Object.assign(told, { [name]: value });
  }
  return {
    index: item.index,
    custom_id: item.customId,
    status: 200,
    content_type: formats[format].type,
    format,
    sample_rate: end.sample_rate,
    duration_ms: Math.round((end.samples / end.sample_rate) * 1000),
    bytes: end.bytes,
    sha256: end.sha256,
    finish: end.finish,
    engine: end.engine,
    seed: end.seed,
    ...told,
    usage: usageOf(end),
  };
}

export function failedFacts({ item, error }: FailedItem): FailedFacts {
  const retryAfter = Number(error.headers["retry-after"]);
  return {
    index: item.index,
    custom_id: item.customId,
    status: error.status,
    ...error.envelope,
    ...(retryAfter > 0 ? { retry_after: retryAfter } : {}),
  };
}
