// A folder for each job: its record, its text, samples and files. Each record is written beside the one before and takes
// its place at once, so that a process that is killed leaves the one or the other.
import { randomBytes } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  writeSync,
} from "node:fs";
import { mkdir, open, readFile, rename, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import type * as z from "zod";
import type { Logger } from "../log.ts";
import { acquireLock } from "../model/lock.ts";
import { type JobRecord, type JobScript, jobRecordSchema, jobScriptSchema } from "./job-record.ts";

export interface JobStore {
  /** 8 hexadecimal digits that the ids of its jobs begin with. */
  originId: string;
  /** Those that were there when it was opened. */
  records: JobRecord[];
  /** Makes the folder of a job. Rejects with the system's error (ENOSPC), and then nothing of it is there. */
  create(record: JobRecord, script: JobScript): Promise<void>;
  save(record: JobRecord): Promise<void>;
  script(id: string): Promise<JobScript>;
  /** The path of one of its files. */
  path(id: string, name: string): string;
  /** Writes one of its files, as JSON: as a whole or not at all. */
  writeFile(id: string, name: string, value: unknown): Promise<void>;
  /** Reads one that was written so. Rejects when it is not there, or is not what the schema says. */
  readFile<T>(id: string, name: string, schema: z.ZodType<T>): Promise<T>;
  /** Deletes one of its files, if it is there. */
  removeFile(id: string, name: string): Promise<void>;
  remove(id: string): Promise<void>;
  /** Lets another process have them. */
  close(): void;
  /** Closes it for good: its jobs are deleted, and the folder where nothing else is in it. */
  dissolve(): Promise<void>;
}

const recordName = "job.json";
const scriptName = "script.json";
const idName = "origin-id";

/**
 * Opens the jobs of a folder, which is made if need be, for this process alone. Throws an Error when another process has
 * them, and the system's error when the folder cannot be read or written.
 */
export function openJobStore(directory: string, log: Logger): JobStore {
  mkdirSync(directory, { recursive: true });
  const lock = acquireLock(join(directory, ".lock"), `Speaking the jobs of ${directory}`);
  try {
    const originId = readOriginId(directory);
    const path = (id: string, name: string) => join(directory, id, name);
    const remove = (id: string) => rm(join(directory, id), { recursive: true, force: true });
    return {
      originId,
      records: readRecords(directory, originId, log),
      path,
      remove,
      async create(record, script) {
        try {
          await mkdir(join(directory, record.id));
          await writeJson(path(record.id, scriptName), script);
          await writeJson(path(record.id, recordName), record);
        } catch (cause) {
          await remove(record.id);
          throw cause;
        }
      },
      save: (record) => writeJson(path(record.id, recordName), record),
      script: (id) => readJson(path(id, scriptName), jobScriptSchema),
      writeFile: (id, name, value) => writeJson(path(id, name), value),
      readFile: (id, name, schema) => readJson(path(id, name), schema),
      removeFile: (id, name) => rm(path(id, name), { force: true }),
      close: () => lock.release(),
      async dissolve() {
        for (const id of readdirSync(directory).filter(isJobName)) await remove(id);
        await rm(join(directory, idName), { force: true });
        lock.release();
        await rmdir(directory).catch((cause: NodeJS.ErrnoException) => {
          if (cause.code !== "ENOTEMPTY" && cause.code !== "EEXIST") throw cause;
        });
      },
    };
  } catch (cause) {
    lock.release();
    throw cause;
  }
}

/** Of a folder of a job, whether or not its record can be read. */
export function isJobName(name: string): boolean {
  return name.startsWith("job_");
}

/** Whether there may be jobs to go on with. */
export function hasJobs(directory: string): boolean {
  return existsSync(join(directory, idName));
}

function readOriginId(directory: string): string {
  const path = join(directory, idName);
  if (existsSync(path)) {
    const id = readFileSync(path, "utf8").trim();
    if (/^[0-9a-f]{8}$/.test(id)) return id;
    throw new Error(`${path} must have 8 hexadecimal digits`);
  }
  const id = randomBytes(4).toString("hex");
  writeNew(path, id);
  return id;
}

function writeNew(path: string, text: string): void {
  const handle = openSync(path, "wx");
  try {
    writeSync(handle, `${text}\n`);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function readRecords(directory: string, originId: string, log: Logger): JobRecord[] {
  const folders = readdirSync(directory).filter((name) => name.startsWith(`job_${originId}_`));
  return folders.flatMap((id) => {
    try {
      const record = parse(jobRecordSchema, readFileSync(join(directory, id, recordName), "utf8"));
      if (record.id !== id) throw new Error(`it is the record of ${record.id}`);
      return [record];
    } catch (err) {
      log.error({ err, job: id }, "the record of a job cannot be read");
      return [];
    }
  });
}

function parse<T>(schema: z.ZodType<T>, text: string): T {
  return schema.parse(JSON.parse(text));
}

async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<T> {
  return parse(schema, await readFile(path, "utf8"));
}

async function writeJson(path: string, value: unknown): Promise<void> {
  const newer = `${path}.new`;
  const handle = await open(newer, "w");
  try {
    await handle.writeFile(JSON.stringify(value));
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(newer, path);
}
