import * as z from "zod";
import { errorEnvelopeSchema } from "../api-error.ts";
import { formatNames } from "../formats.ts";
import { jobOutputs } from "./job-request.ts";

export const jobStatuses = ["queued", "running", "succeeded", "failed", "cancelled"] as const;

export type JobStatus = (typeof jobStatuses)[number];

/** A job as the API tells it. Times are Unix seconds. */
export const jobSchema = z.object({
  id: z.string(),
  object: z.literal("audio.job"),
  status: z.enum(jobStatuses),
  created_at: z.int(),
  started_at: z.int().nullable(),
  finished_at: z.int().nullable(),
  /** When it and its files will be deleted; null until it is over. */
  expires_at: z.int().nullable(),
  model: z.string(),
  voice: z.string(),
  /** Null until it has begun to speak. */
  resolved_model: z.string().nullable(),
  engine: z.string().nullable(),
  ignored_fields: z.array(z.string()),
  response_format: z.enum(formatNames),
  output: z.enum(jobOutputs),
  progress: z.object({
    /** Unicode code points. */
    characters: z.int(),
    characters_spoken: z.int(),
    /** Of the text, from 0 to 1. */
    fraction: z.number(),
    /** Of sound. */
    seconds: z.number(),
    /** How many jobs go before it; null unless it is queued. */
    queue_position: z.int().nullable(),
  }),
  chapters: z.array(
    z.object({
      /** From 1. */
      number: z.int(),
      title: z.string().nullable(),
      characters: z.int(),
      characters_spoken: z.int(),
      /** Where it begins in its file, and how long it is so far. */
      start_seconds: z.number(),
      seconds: z.number(),
    }),
  ),
  files: z.array(
    z.object({
      /** Where it is fetched, also while it grows. */
      path: z.string(),
      content_type: z.string(),
      bytes: z.int(),
      complete: z.boolean(),
    }),
  ),
  error: errorEnvelopeSchema.shape.error.nullable(),
});

export const jobListSchema = z.object({
  object: z.literal("list"),
  /** The newest first. */
  data: z.array(jobSchema),
  /** Of an edge: whether an origin could not be asked for its jobs. */
  incomplete: z.boolean().optional(),
});

export const deletedJobSchema = z.object({
  id: z.string(),
  object: z.literal("audio.job"),
  created_at: z.int(),
  deleted: z.literal(true),
});

/** The events of `GET /v1/audio/jobs/{id}/events`, until the job is over. */
export const jobEventSchema = z.object({
  type: z.enum(["job.progress", "job.succeeded", "job.failed", "job.cancelled"]),
  job: jobSchema,
});

export type JobAnswer = z.infer<typeof jobSchema>;
export type JobEvent = z.infer<typeof jobEventSchema>;

export function isOver(status: JobStatus): boolean {
  return status === "succeeded" || status === "failed" || status === "cancelled";
}
