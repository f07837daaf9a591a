// The voices that an origin keeps for whoever asks it without an edge: a record and a file for each, and consents. Files of a
// few kilobytes that are written whole and put in place at once need no database, which would have to be built at install.
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type * as z from "zod";
import { findKeptVoice, foldVoiceName } from "../../shared/voices/kept-voice.ts";
import { maxKeptVoices, type Unkept, type VoiceBook } from "../../shared/voices/voice-book.ts";
import {
  type ConsentRecord,
  consentRecordSchema,
  type VoiceRecord,
  voiceRecordSchema,
} from "../../shared/voices/voice-record.ts";
import type { Logger } from "../log.ts";
import { openVoiceFiles, type VoiceFiles } from "./voice-files.ts";

export interface VoiceStore {
  book: VoiceBook;
  /** Of voices that are kept here, and of those that edges have sent along. */
  files: VoiceFiles;
}

/** Opens what a folder has of voices; it is made when there is the first one. Records that cannot be read are told and left alone. */
export function openVoiceStore(directory: string, log: Pick<Logger, "error">): VoiceStore {
  const own = openVoiceFiles(join(directory, "files"), Number.POSITIVE_INFINITY);
  const sent = openVoiceFiles(join(directory, "sent"));
  const voices = openRecords(join(directory, "voices"), voiceRecordSchema, log);
  const consents = openRecords(join(directory, "consents"), consentRecordSchema, log);
  const isUsed = (digest: string) => voices.all().some((voice) => voice.digest === digest);

  return {
    files: {
      read: (digest) => (isUsed(digest) ? own : sent).read(digest),
      require: (digests) => sent.require(digests.filter((digest) => !isUsed(digest))),
      put: sent.put,
      remove: sent.remove,
    },
    book: {
      listVoices: async () => voices.all(),
      findVoice: async (name) => {
        const found = findKeptVoice(voices.all(), name);
        return found && voices.get(found.id);
      },
      async addVoice(record, file) {
        const unkept = voices.refusal(record.name);
        if (unkept) return unkept;
        await own.put(record.digest, file);
        await voices.put(record);
        return undefined;
      },
      renameVoice: voices.rename,
      async removeVoice(id) {
        const removed = await voices.remove(id);
        if (removed && !isUsed(removed.digest)) await own.remove(removed.digest);
        return removed;
      },
      listConsents: async () => consents.all(),
      findConsent: async (id) => consents.get(id),
      async addConsent(record) {
        const unkept = consents.refusal(record.name);
        if (!unkept) await consents.put(record);
        return unkept;
      },
      renameConsent: consents.rename,
      removeConsent: consents.remove,
    },
  };
}

interface Named {
  id: string;
  name: string;
  created_at: number;
}

/** Records of one kind, in memory and each in a file of its own. */
function openRecords<Record extends VoiceRecord | ConsentRecord>(
  directory: string,
  schema: z.ZodType<Record>,
  log: Pick<Logger, "error">,
) {
  const records = new Map(readRecords(directory, schema, log).map((one) => [one.id, one]));
  const pathOf = (id: string) => join(directory, `${id}.json`);

  async function put(record: Record): Promise<void> {
    // Noted first: nobody else takes the name meanwhile.
    const before = records.get(record.id);
    records.set(record.id, record);
    try {
      mkdirSync(directory, { recursive: true });
      await writeWhole(pathOf(record.id), JSON.stringify(record));
    } catch (cause) {
      if (before) records.set(record.id, before);
      else records.delete(record.id);
      throw cause;
    }
  }

  function refusal(name: string, id?: string): Unkept | undefined {
    if (id === undefined && records.size >= maxKeptVoices) return "full";
    const folded = foldVoiceName(name);
    const same = [...records.values()].find((one) => foldVoiceName(one.name) === folded);
    return same && same.id !== id ? "name_taken" : undefined;
  }

  return {
    refusal,
    put,
    get: (id: string): Record | undefined => records.get(id),
    all: (): Record[] => [...records.values()].sort(newestFirst),
    async rename(id: string, name: string): Promise<Record | Unkept | undefined> {
      const record = records.get(id);
      if (!record) return undefined;
      const unkept = refusal(name, id);
      if (unkept) return unkept;
      const renamed = { ...record, name };
      await put(renamed);
      return renamed;
    },
    async remove(id: string): Promise<Record | undefined> {
      const record = records.get(id);
      records.delete(id);
      if (record) await rm(pathOf(id), { force: true });
      return record;
    },
  };
}

function newestFirst(a: Named, b: Named): number {
  return b.created_at - a.created_at || (a.id < b.id ? -1 : 1);
}

function readRecords<Record>(
  directory: string,
  schema: z.ZodType<Record>,
  log: Pick<Logger, "error">,
): Record[] {
  return namesIn(directory).flatMap((name) => {
    try {
      return [schema.parse(JSON.parse(readFileSync(join(directory, name), "utf8")))];
    } catch (err) {
      log.error({ err, file: join(directory, name) }, "a record of a voice cannot be read");
      return [];
    }
  });
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory).filter((name) => name.endsWith(".json"));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw cause;
  }
}

/** Whoever is killed meanwhile leaves what was there before. */
async function writeWhole(path: string, text: string): Promise<void> {
  const part = `${path}.part`;
  const file = await open(part, "w");
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(part, path);
}
