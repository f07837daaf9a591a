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
import { savePartEvents } from "./part-events.ts";
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
  /** The part that is spoken has come so far, about, from 0 to 1. Is told where the record's request asks for progress. */
  partProgress?(fraction: number): void;
  /**
   * Given where nobody reads a file before it is whole: each is then encoded when all of it is spoken, so that what was
   * spoken before need not be encoded again first. Is told how far that is, from 0 to 1.
   */
  encodeProgress?(fraction: number): void;
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
    const partsOf = (index: number) => script.chapters[index] ?? [];
    if (run.encodeProgress) {
      for (const index of group) await speakChapter(run, index, partsOf(index), null);
    }
    const { format, sampleRate, bitrate } = record.request;
    const path = store.path(record.id, fileName(record, fileIndex));
    const head = headOf(record, fileIndex);
    const file = await openGrowingFile(path, { format, sampleRate, bitrate, head });
    try {
      for (const index of group) {
        await speakChapter(run, index, partsOf(index), { file, entry });
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

/** Speaks what is not spoken yet of a chapter. Into its file goes all of it. */
async function speakChapter(
  run: JobRun,
  index: number,
  parts: readonly ScriptPart[],
  into: { file: GrowingFile; entry: JobRecord["files"][number] } | null,
): Promise<void> {
  const { record, store, services, log, signal } = run;
  const chapter = record.chapters[index];
  if (!chapter) throw new Error(`the job has no chapter ${index}`);
  const path = store.path(record.id, samplesName(index));
  const samples = await open(path, constants.O_RDWR | constants.O_CREAT);
  try {
    if (into) await replay(run, samples, 2 * chapter.samples, into.file);
    while (chapter.spokenParts < parts.length) {
      signal.throwIfAborted();
      const part = parts[chapter.spokenParts];
      if (!part) throw new Error(`the chapter has no part ${chapter.spokenParts}`);
      const request = await requestOf(record.request, part, index, chapter.spokenParts);
      const { pcm, events, headers } = await speakPart(request, services, log, signal, (event) => {
        if (event.type === "speech.progress") run.partProgress?.(event.fraction ?? 0);
      });
      const pause = Math.round((part.pauseSeconds / request.speed) * request.sampleRate);
      const all = new Uint8Array(pcm.byteLength + 2 * pause);
      all.set(pcm);
      run.requireRoom(2 * all.byteLength);
      await writeAt(samples, all, 2 * chapter.samples);
      await samples.sync();
      if (request.timestamps !== null) {
        const place = { chapter: index, part: chapter.spokenParts };
        await savePartEvents(store, record.id, place, { samplesBefore: chapter.samples, events });
      }
      await into?.file.append(all);
      chapter.samples += all.byteLength >> 1;
      chapter.spokenParts++;
      chapter.spokenCharacters += part.characters;
      if (into) into.entry.bytes = Math.max(into.entry.bytes, into.file.bytes);
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
  { record, signal, encodeProgress }: JobRun,
  samples: FileHandle,
  bytes: number,
  file: GrowingFile,
): Promise<void> {
  const all = record.chapters.reduce((sum, chapter) => sum + chapter.samples, 0);
  for (let at = 0; at < bytes; ) {
    signal.throwIfAborted();
    const piece = new Uint8Array(Math.min(replayBytes, bytes - at));
    const { bytesRead } = await samples.read(piece, 0, piece.byteLength, at);
    if (bytesRead < piece.byteLength)
      throw new Error(`the samples end after ${at + bytesRead} bytes`);
    await file.append(piece);
    at += bytesRead;
    encodeProgress?.(file.samples / all);
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
