import { mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type * as z from "zod";
import { foldVoiceName } from "../../shared/voices/kept-voice.ts";
import { maxKeptVoices, type Unkept } from "../../shared/voices/voice-book.ts";
import type { ConsentRecord, VoiceRecord } from "../../shared/voices/voice-record.ts";

import { writeByWayOf } from "../process/disk-room.ts";

/** Is told of records that cannot be read. */
export interface RecordLog {
  error(about: { err: unknown; file: string }, message: string): void;
}

export interface Records<Record> {
  /** Newest first. */
  all(): Record[];
  get(id: string): Record | undefined;
  /** Why none is kept under a name: of a new record, or of the one that has it. */
  refusal(name: string, id?: string): Unkept | undefined;
  put(record: Record): Promise<void>;
  rename(id: string, name: string): Promise<Record | Unkept | undefined>;
  remove(id: string): Promise<Record | undefined>;
}

/** How coarse the clock of a file system may be: whatever changed as lately as that is looked at again. */
const clockMilliseconds = 2000;

/**
 * Records of one kind, in memory and each in a file of its own. The folder is looked at again when its own time says that it has
 * changed, and of its files those whose times say so are read: a look at what is the same takes microseconds.
 */
export function openRecords<Record extends VoiceRecord | ConsentRecord>(
  directory: string,
  schema: z.ZodType<Record>,
  log: RecordLog,
): Records<Record> {
  /** By the names of their files; null for what cannot be read. */
  let files = new Map<string, { stamp: string; record: Record | null }>();
  let records = new Map<string, Record>();
  /** What is being written or removed here just now: null where it is removed. */
  const pending = new Map<string, Record | null>();
  let seen: string | undefined;
  const nameOf = (id: string) => `${id}.json`;

  function look(): Map<string, Record> {
    const found = statSync(directory, { throwIfNoEntry: false });
    const isSettled = found && Date.now() - found.mtimeMs > clockMilliseconds;
    const stamp = found && `${found.ino} ${found.mtimeMs}`;
    if (seen === undefined || stamp !== seen) {
      files = readAll(found ? namesIn(directory) : []);
      records = new Map();
      for (const { record } of files.values()) if (record) records.set(record.id, record);
      seen = isSettled ? stamp : undefined;
    }
    return pending.size === 0 ? records : withPending();
  }

  function readAll(names: readonly string[]): typeof files {
    return new Map(
      names.flatMap((name) => {
        const path = join(directory, name);
        const facts = statSync(path, { throwIfNoEntry: false });
        if (!facts) return [];
        const stamp = `${facts.ino} ${facts.mtimeMs} ${facts.size}`;
        const known = files.get(name);
        if (known?.stamp === stamp) return [[name, known]];
        return [[name, { stamp, record: readRecord(path) }]];
      }),
    );
  }

  function readRecord(path: string): Record | null {
    try {
      return schema.parse(JSON.parse(readFileSync(path, "utf8")));
    } catch (err) {
      log.error({ err, file: path }, "a record of a voice cannot be read");
      return null;
    }
  }

  function withPending(): Map<string, Record> {
    const merged = new Map(records);
    for (const [id, record] of pending) {
      if (record) merged.set(id, record);
      else merged.delete(id);
    }
    return merged;
  }

  /** Notes it first: nobody else takes the name meanwhile. */
  async function change(id: string, record: Record | null, act: () => Promise<void>) {
    pending.set(id, record);
    try {
      await act();
    } finally {
      pending.delete(id);
      seen = undefined;
    }
  }

  function put(record: Record): Promise<void> {
    return change(record.id, record, async () => {
      await writeWhole(join(directory, nameOf(record.id)), JSON.stringify(record));
    });
  }

  function refusal(name: string, id?: string): Unkept | undefined {
    const kept = look();
    if (id === undefined && kept.size >= maxKeptVoices) return "full";
    const folded = foldVoiceName(name);
    const same = [...kept.values()].find((one) => foldVoiceName(one.name) === folded);
    return same && same.id !== id ? "name_taken" : undefined;
  }

  look();
  return {
    refusal,
    put,
    get: (id) => look().get(id),
    all: () => [...look().values()].sort(newestFirst),
    async rename(id, name) {
      const record = look().get(id);
      if (!record) return undefined;
      const unkept = refusal(name, id);
      if (unkept) return unkept;
      const renamed = { ...record, name };
      await put(renamed);
      return renamed;
    },
    async remove(id) {
      const record = look().get(id);
      if (record) {
        await change(id, null, () => rm(join(directory, nameOf(id)), { force: true }));
      }
      return record;
    },
  };
}

interface Named {
  id: string;
  created_at: number;
}

function newestFirst(a: Named, b: Named): number {
  return b.created_at - a.created_at || (a.id < b.id ? -1 : 1);
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
  const part = `${path}.${process.pid}.part`;
  await writeByWayOf(part, async () => {
    mkdirSync(dirname(path), { recursive: true });
    const file = await open(part, "w");
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(part, path);
  });
}
