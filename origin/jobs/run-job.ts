import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { segmentSeed } from "../../shared/identity.ts";
import type { SpeechRequest } from "../../shared/speech-request.ts";
import type { Logger } from "../log.ts";
import type { SpeechServices } from "../speech/answer.ts";
import { headOf } from "./chapter-marks.ts";
import { type GrowingFile, openGrowingFile, writeAt } from "./growing-file.ts";
import type { JobRecord, ScriptPart } from "./job-record.ts";
import type { JobStore } from "./job-store.ts";
import { speakPart } from "./speak-part.ts";

/** Read at once when a file is encoded again. */
const replayBytes = 1024 * 1024;

export interface JobRun {
  /** Is changed as the job goes on. */
  record: JobRecord;
  store: JobStore;
  services: SpeechServices;
  log: Logger;
  signal: AbortSignal;
  /** Throws when the jobs may not take so much more of the disk. */
  requireRoom(bytes: number): void;
  /** The record has changed. */
  changed(): void;
}

/**
 * Speaks a job from where it is to its end. Each part is on disk, as samples, before it counts; its file is encoded from
 * these, and again from the first of them when a job is taken up in another process. Throws what it fails with, and the
 * signal's reason: the record then tells how far it came.
 */
export async function runJob(run: JobRun): Promise<void> {
  const { record, store } = run;
  const script = await store.script(record.id);
  const groups =
    record.output === "file"
      ? [record.chapters.map((_, index) => index)]
      : record.chapters.map((_, index) => [index]);
  for (const [fileIndex, group] of groups.entries()) {
    const entry = record.files[fileIndex];
    if (!entry || entry.isWhole) continue;
    const { format, sampleRate, bitrate } = record.request;
    const path = store.path(record.id, fileName(record, fileIndex));
    const head = headOf(record, fileIndex);
    const file = await openGrowingFile(path, { format, sampleRate, bitrate, head });
    try {
      for (const index of group) {
        await speakChapter(run, index, script.chapters[index] ?? [], file, entry);
      }
      await file.finish(headOf(record, fileIndex));
      entry.bytes = file.bytes;
      entry.isWhole = true;
      await store.save(record);
      run.changed();
    } finally {
      await file.close();
    }
    for (const index of group) await store.removeFile(record.id, samplesName(index));
  }
}

/** The name of a job's file in its folder. */
export function fileName({ request }: Pick<JobRecord, "request">, fileIndex: number): string {
  return `file-${fileIndex + 1}.${request.format}`;
}

export function samplesName(chapter: number): string {
  return `chapter-${chapter + 1}.pcm`;
}

async function speakChapter(
  run: JobRun,
  index: number,
  parts: readonly ScriptPart[],
  file: GrowingFile,
  entry: JobRecord["files"][number],
): Promise<void> {
  const { record, store, services, log, signal } = run;
  const chapter = record.chapters[index];
  if (!chapter) throw new Error(`the job has no chapter ${index}`);
  const path = store.path(record.id, samplesName(index));
  const samples = await open(path, constants.O_RDWR | constants.O_CREAT);
  try {
    await replay(samples, 2 * chapter.samples, file, signal);
    while (chapter.spokenParts < parts.length) {
      signal.throwIfAborted();
      const part = parts[chapter.spokenParts];
      if (!part) throw new Error(`the chapter has no part ${chapter.spokenParts}`);
      const request = await requestOf(record.request, part, index, chapter.spokenParts);
      const { pcm, headers } = await speakPart(request, services, log, signal);
      const pause = Math.round((part.pauseSeconds / request.speed) * request.sampleRate);
      const all = new Uint8Array(pcm.byteLength + 2 * pause);
      all.set(pcm);
      run.requireRoom(2 * all.byteLength);
      await writeAt(samples, all, 2 * chapter.samples);
      await samples.sync();
      await file.append(all);
      chapter.samples += all.byteLength >> 1;
      chapter.spokenParts++;
      chapter.spokenCharacters += part.characters;
      entry.bytes = Math.max(entry.bytes, file.bytes);
      record.resolvedModel = headers["x-resolved-model"] ?? null;
      record.engine = headers["x-engine"] ?? null;
      record.ignoredFields = headers["x-ignored-fields"]?.split(", ") ?? [];
      await store.save(record);
      run.changed();
    }
  } finally {
    await samples.close();
  }
}

async function replay(
  samples: FileHandle,
  bytes: number,
  file: GrowingFile,
  signal: AbortSignal,
): Promise<void> {
  for (let at = 0; at < bytes; ) {
    signal.throwIfAborted();
    const piece = new Uint8Array(Math.min(replayBytes, bytes - at));
    const { bytesRead } = await samples.read(piece, 0, piece.byteLength, at);
    if (bytesRead < piece.byteLength)
      throw new Error(`the samples end after ${at + bytesRead} bytes`);
    await file.append(piece);
    at += bytesRead;
  }
}

/** A part as a request of its own. One take of a whole script has a seed for each part, drawn from its own. */
async function requestOf(
  request: SpeechRequest,
  { text }: ScriptPart,
  chapter: number,
  part: number,
): Promise<SpeechRequest> {
  const seed =
    request.seed === null
      ? null
      : await segmentSeed(await segmentSeed(request.seed, chapter), part);
  return { ...request, input: text, seed, format: "pcm", bitrate: null };
}
