import { existsSync } from "node:fs";
import { rename } from "node:fs/promises";
import type { JobRequest } from "../../../shared/jobs/job-request.ts";
import type { JobRecord, JobScript } from "../../jobs/job-record.ts";
import { type JobStore, openJobStore } from "../../jobs/job-store.ts";
import { readChapterEvents } from "../../jobs/part-events.ts";
import { runJob } from "../../jobs/run-job.ts";
import { createLogger } from "../../log.ts";
import { createMetrics } from "../../metrics.ts";
import { createAdmission } from "../../speech/admission.ts";
import { ignoredFields } from "../../speech/ignored-fields.ts";
import type { BookFiles } from "./book-files.ts";
import type { BookReport } from "./book-report.ts";
import { UnfinishedBook } from "./explain.ts";
import { type OpenEngine, openEngine, patienceSeconds } from "./open-engine.ts";
import { spokenFraction, takeUp, unfinishedPath } from "./taken-up.ts";
import { writeBookTimestamps } from "./timestamps-file.ts";

/**
 * Speaks a book as an origin speaks a job, in parts that are kept beside its files until these are whole, and goes on with what an
 * earlier run has left there. Throws an UnfinishedBook when it is stopped or fails on its way.
 */
export async function speakBook(
  asked: JobRequest,
  files: BookFiles,
  { report, signal }: { report: BookReport; signal: AbortSignal },
): Promise<void> {
  const opened = await openEngine(asked.request, signal);
  try {
    const { engine, revision } = opened;
    const timestamps =
      files.timestamps.length === 0 ? null : engine.tellsWords ? "word" : "segment";
    const request = { ...opened.request, timestamps, progress: true } as const;
    const log = createLogger("silent");
    const store = openJobStore(files.parts, log);
    let isKept = true;
    try {
      const take = { engine: engine.name, revision: revision.revision };
      const { defaultLanguage } = opened.settings;
      const order = { ...asked, request };
      const { record, script, anew } = await takeUp(store, files.parts, order, {
        take,
        defaultLanguage,
      });
      report.begin({
        record,
        anew,
        notes: opened.notes,
        ignored: ignoredFields(request, engine),
      });
      try {
        await speakParts(record, script, { store, opened, report, signal });
        await publish(record, script, store, files);
        isKept = false;
      } catch (cause) {
        const fraction = spokenFraction(record);
        isKept = fraction > 0;
        throw isKept ? new UnfinishedBook(fraction, cause) : cause;
      }
    } finally {
      if (!isKept) await store.dissolve();
      else store.close();
    }
  } finally {
    await opened.close();
  }
}

interface Speaking {
  store: JobStore;
  opened: OpenEngine;
  report: BookReport;
  signal: AbortSignal;
}

async function speakParts(
  record: JobRecord,
  script: JobScript,
  { store, opened, report, signal }: Speaking,
): Promise<void> {
  const { engines, settings, keyValueBytes, voiceFiles } = opened;
  const { defaultLanguage, catalogue, lexicon } = settings;
  const admission = createAdmission({
    maxActive: 1,
    keyValueBytes,
    maxWaitSeconds: patienceSeconds,
  });
  const metrics = createMetrics(admission, engines);
  const show = (partFraction: number) => report.progress(record, script, partFraction);
  show(0);
  await runJob({
    record,
    store,
    services: { engines, admission, metrics, defaultLanguage, catalogue, lexicon, voiceFiles },
    log: createLogger("silent"),
    signal,
    // The disk says so itself when it is full.
    requireRoom: () => undefined,
    changed: () => show(0),
    partProgress: show,
    // Of a file for each chapter, each takes moments.
    encodeProgress: (fraction) => {
      if (record.output === "file") report.encoding(fraction);
    },
  });
}

/** Gives whole files their places. An earlier run may have come so far with some of them. */
async function publish(
  record: JobRecord,
  script: JobScript,
  store: JobStore,
  files: BookFiles,
): Promise<void> {
  for (const [index, path] of files.timestamps.entries()) {
    const group = record.output === "file" ? [...record.chapters.keys()] : [index];
    await writeBookTimestamps(path, await timesOf(group, record, script, store));
  }
  for (const [index, path] of files.audio.entries()) {
    const from = unfinishedPath(store, record, index);
    if (existsSync(from)) await rename(from, path);
  }
}

async function timesOf(
  group: readonly number[],
  record: JobRecord,
  script: JobScript,
  store: JobStore,
) {
  const times = [];
  let samples = 0;
  const seconds = () => Math.round((samples / record.request.sampleRate) * 1000) / 1000;
  for (const index of group) {
    const chapter = record.chapters[index];
    const start = seconds();
    const events = await readChapterEvents(store, record, script, index, start);
    samples += chapter?.samples ?? 0;
    times.push({ title: chapter?.title ?? null, start, end: seconds(), events });
  }
  return times;
}
