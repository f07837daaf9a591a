// What an earlier run has left of a book, and whether it can be gone on with.
import { readdirSync, statSync } from "node:fs";
import * as z from "zod";
import type { JobRequest } from "../../../shared/jobs/job-request.ts";
import type { Language } from "../../../shared/languages.ts";
import { type JobRecord, type JobScript, unspokenCharacters } from "../../jobs/job-record.ts";
import { isJobName, type JobStore } from "../../jobs/job-store.ts";
import { prepareJob } from "../../jobs/prepare-job.ts";
import { fileName, samplesName } from "../../jobs/run-job.ts";

const takeName = "take.json";
const takeSchema = z.object({ engine: z.string(), revision: z.string() });

/** What it is spoken with. */
export type Take = z.infer<typeof takeSchema>;

export interface TakenUp {
  record: JobRecord;
  script: JobScript;
  /** Why what was there is spoken anew; null where nothing was, or it goes on. */
  anew: string | null;
}

/** Of a request, what is not heard. */
const silentFields = ["input", "ignoredFields", "stream", "streamFormat", "progress"];

/** The options by the fields of a request, where their names are not the same. */
const optionNames: Readonly<Record<string, string>> = {
  modelId: "model",
  voiceId: "voice",
  speaker: "voice",
  voiceAliases: "VOICE_ALIASES",
  blend: "voice",
  keptVoices: "voice",
};

/**
 * Goes on with what is in the store where it is the same text, spoken in the same way by the same model, and otherwise clears the store and
 * begins. Rejects with the system's error.
 */
export async function takeUp(
  store: JobStore,
  directory: string,
  order: JobRequest,
  { take, defaultLanguage }: { take: Take; defaultLanguage: Language },
): Promise<TakenUp> {
  const { record, script } = prepareJob(order, "", store.originId, defaultLanguage);
  const [found] = store.records;
  const left = readdirSync(directory).filter(isJobName);
  let anew = left.length > 0 ? "what is there of it cannot be read" : null;
  if (found) {
    const earlier = await readEarlier(store, found);
    anew = earlier && whyAnew({ ...earlier, record: found }, { record, script, take }, store);
    if (earlier && anew === null) return { record: found, script: earlier.script, anew: null };
    // Nothing is lost that had not been spoken.
    if (found.chapters.every(({ spokenParts }) => spokenParts === 0)) anew = null;
    else anew ??= "what is there of it cannot be read";
  }
  for (const id of left) await store.remove(id);
  await store.create(record, script);
  await store.writeFile(record.id, takeName, take);
  return { record, script, anew };
}

/** From 0 to 1. */
export function spokenFraction(record: JobRecord): number {
  const all = record.chapters.reduce((sum, { characters }) => sum + characters, 0);
  return (all - unspokenCharacters(record)) / all;
}

async function readEarlier(
  store: JobStore,
  { id }: JobRecord,
): Promise<{ script: JobScript; take: Take } | null> {
  try {
    const script = await store.script(id);
    return { script, take: await store.readFile(id, takeName, takeSchema) };
  } catch {
    return null;
  }
}

interface Attempt {
  record: JobRecord;
  script: JobScript;
  take: Take;
}

function whyAnew(earlier: Attempt, now: Attempt, store: JobStore): string | null {
  // A file for each chapter is cut otherwise.
  const options = changedOptions(earlier.record, now.record);
  if (options.length > 0) return `it is to be spoken otherwise (${options.join(", ")})`;
  const titles = ({ record }: Attempt) => record.chapters.map(({ title }) => title);
  if (!isSame([earlier.script, titles(earlier)], [now.script, titles(now)])) {
    return "the text has changed";
  }
  if (!isSame(earlier.take, now.take)) return "the model that speaks it is another";
  return isDamaged(earlier.record, store) ? "some of it is missing" : null;
}

function changedOptions(earlier: JobRecord, now: JobRecord): string[] {
  const [before, after] = [heard(earlier), heard(now)];
  const names = Object.keys(now.request)
    .filter((name) => !silentFields.includes(name) && !isSame(before?.[name], after?.[name]))
    .map(
      (name) => optionNames[name] ?? name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
    );
  return [...new Set([...names, ...(earlier.output === now.output ? [] : ["chapters"])])];
}

/** A kept voice is what it sounds like, whatever it is called meanwhile. */
function heard({ request }: JobRecord): Record<string, unknown> {
  return { ...request, keptVoices: request.keptVoices.map(({ digest }) => digest) };
}

/** Whether samples are missing of which a file is still to be made. */
function isDamaged(record: JobRecord, store: JobStore): boolean {
  return record.chapters.some(({ samples }, index) => {
    const file = record.files[record.output === "file" ? 0 : index];
    if (samples === 0 || file?.isWhole) return false;
    const facts = statSync(store.path(record.id, samplesName(index)), { throwIfNoEntry: false });
    return (facts?.size ?? 0) < 2 * samples;
  });
}

/** Where a file of it lies until it is whole. */
export function unfinishedPath(store: JobStore, record: JobRecord, index: number): string {
  return store.path(record.id, fileName(record, index));
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
