import * as z from "zod";
import { errorEnvelopeSchema } from "../../shared/api-error.ts";
import { formats } from "../../shared/formats.ts";
import { isOver, type JobAnswer, jobStatuses } from "../../shared/jobs/job-answer.ts";
import { jobsPath } from "../../shared/jobs/job-id.ts";
import { jobOutputs } from "../../shared/jobs/job-request.ts";
import type { SpeechRequest } from "../../shared/speech-request.ts";

const count = z.int().nonnegative();

/** A job as it is kept on disk: all that is needed to go on with it. Times are Unix seconds. */
export const jobRecordSchema = z.object({
  version: z.literal(1),
  id: z.string(),
  /** Whose it is: a key of an edge, or whoever asks the origin itself. */
  owner: z.string(),
  status: z.enum(jobStatuses),
  createdAt: count,
  startedAt: count.nullable(),
  finishedAt: count.nullable(),
  expiresAt: count.nullable(),
  output: z.enum(jobOutputs),
  /** How it is spoken; its `input` stands for nothing. */
  request: z
    .custom<SpeechRequest>((value) => typeof value === "object" && value !== null)
    // Of records that were written before there were these.
    .transform((request) => ({ ...{ blend: null, turns: null, keptVoices: [] }, ...request })),
  chapters: z.array(
    z.object({
      title: z.string().nullable(),
      characters: count,
      spokenCharacters: count,
      /** How many of its parts are spoken, and lie in its file of samples. */
      spokenParts: count,
      samples: count,
    }),
  ),
  /** One, or one for each chapter. What is counted is there for good. */
  files: z.array(z.object({ bytes: count, isWhole: z.boolean() })),
  resolvedModel: z.string().nullable(),
  engine: z.string().nullable(),
  ignoredFields: z.array(z.string()),
  error: errorEnvelopeSchema.shape.error.nullable(),
  /** Whether the edge has been told what to give back. */
  toldUnspoken: z.boolean(),
});

export type JobRecord = z.infer<typeof jobRecordSchema>;

/** The text of a job in the parts that are spoken one after the other. */
export const jobScriptSchema = z.object({
  chapters: z.array(
    z.array(
      z.object({
        text: z.string(),
        /** Of the chapter's text, in code points; together they are all of it. */
        characters: count,
        /** Of the silence after it. */
        pauseSeconds: z.number(),
      }),
    ),
  ),
});

export type JobScript = z.infer<typeof jobScriptSchema>;
export type ScriptPart = JobScript["chapters"][number][number];

/** What it takes of the disk: samples of 16 bits until their file is whole, and files. */
export function bytesOnDisk({ chapters, files, output }: JobRecord): number {
  const pcm = chapters.map(({ samples }, index) => {
    const file = files[output === "file" ? 0 : index];
    return file?.isWhole ? 0 : 2 * samples;
  });
  return sum(pcm) + sum(files.map(({ bytes }) => bytes));
}

export function unspokenCharacters({ chapters }: JobRecord): number {
  return sum(chapters.map(({ characters, spokenCharacters }) => characters - spokenCharacters));
}

/** What it is told as. `queuePosition` counts the jobs before it. */
export function jobAnswer(record: JobRecord, queuePosition: number | null): JobAnswer {
  const { request, chapters, files, output } = record;
  const { format, sampleRate } = request;
  const secondsOf = (samples: number) => round(samples / sampleRate);
  const characters = sum(chapters.map((chapter) => chapter.characters));
  const spoken = sum(chapters.map(({ spokenCharacters }) => spokenCharacters));
  const starts = chapters.map((_, index) =>
    output === "chapters" ? 0 : sum(chapters.slice(0, index).map(({ samples }) => samples)),
  );
  return {
    id: record.id,
    object: "audio.job",
    status: record.status,
    created_at: record.createdAt,
    started_at: record.startedAt,
    finished_at: record.finishedAt,
    expires_at: record.expiresAt,
    model: request.modelId,
    voice: request.voiceId,
    resolved_model: record.resolvedModel,
    engine: record.engine,
    ignored_fields: record.ignoredFields,
    response_format: format,
    output,
    progress: {
      characters,
      characters_spoken: spoken,
      fraction: round(spoken / characters),
      seconds: secondsOf(sum(chapters.map(({ samples }) => samples))),
      queue_position: record.status === "queued" ? queuePosition : null,
    },
    chapters: chapters.map((chapter, index) => ({
      number: index + 1,
      title: chapter.title,
      characters: chapter.characters,
      characters_spoken: chapter.spokenCharacters,
      start_seconds: secondsOf(starts[index] ?? 0),
      seconds: secondsOf(chapter.samples),
    })),
    files: files
      .map(({ bytes, isWhole }, index) => ({
        path: `${jobsPath}/${record.id}/${output === "file" ? "file" : `chapters/${index + 1}`}`,
        content_type: formats[format].type,
        bytes,
        complete: isWhole,
      }))
      .filter(({ bytes }) => bytes > 0 || !isOver(record.status)),
    error: record.error,
  };
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
