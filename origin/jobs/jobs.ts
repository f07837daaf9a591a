import { ApiError, serverError } from "../../shared/api-error.ts";
import { bytesPerSecond } from "../../shared/formats.ts";
import { isOver, type JobAnswer } from "../../shared/jobs/job-answer.ts";
import { jobNotFound } from "../../shared/jobs/job-id.ts";
import { countJobCharacters, type JobRequest } from "../../shared/jobs/job-request.ts";
import type { Logger } from "../log.ts";
import { diskIsFull, isOutOfRoom, noStorage } from "../process/disk-room.ts";
import type { SpeechServices } from "../speech/answer.ts";
import { bytesOnDisk, type JobRecord, jobAnswer } from "./job-record.ts";
import { hasJobs, type JobStore, openJobStore } from "./job-store.ts";
import { prepareJob } from "./prepare-job.ts";
import { fileName, runJob, samplesName } from "./run-job.ts";

export interface JobLimits {
  directory: string;
  /** Jobs that wait or are spoken. */
  maxQueued: number;
  /** Of the samples and files of all. */
  maxBytes: number;
  /** How long one is kept when it is over. */
  ttlSeconds: number;
}

/** A job of whoever asked for it. */
export interface Job {
  readonly record: JobRecord;
  answer(): JobAnswer;
  /** The path of one of its files. */
  filePath(index: number): string;
  /** Resolves when something about it has changed, or it is parked or deleted. */
  nextChange(signal: AbortSignal): Promise<void>;
  /** Whether it has been deleted, or this origin stops. */
  readonly isGone: boolean;
  /** Ends it, where it is not over. */
  cancel(): Promise<void>;
  remove(): Promise<void>;
  /** Notes that the edge is told what was not spoken. Says whether it was not yet. */
  tellUnspoken(): Promise<boolean>;
}

export interface Jobs {
  /** Null until there has been a job. */
  readonly originId: string | null;
  /** Takes a script. Throws an ApiError: 429, 503 or 507. */
  create(order: JobRequest, owner: string): Promise<Job>;
  /** Those of an owner, the newest first. */
  list(owner: string): JobAnswer[];
  /** Throws a 404 for what is not there, or not the owner's. */
  find(id: string, owner: string): Job;
  counts(): { queued: number; running: number };
  /** Parks the one that is spoken, to be taken up by the next process, and lets go of the folder. */
  close(): Promise<void>;
}

const sweepMs = 60_000;
const retryAfterSeconds = 60;

/** As `speak-batch.ts` guesses it. */
const secondsPerByte = 0.08;

const nowSeconds = () => Math.floor(Date.now() / 1000);

/** A job is ended by whoever has it, or parked since the process ends. */
const cancelled = new Error("the job was cancelled");
const parked = new Error("the origin stops");

/**
 * The jobs of an origin: spoken one at a time, in the order they came, each after answers that somebody waits for. Goes on
 * with those that another process has left in the folder.
 */
export function openJobs(limits: JobLimits, services: SpeechServices, log: Logger): Jobs {
  const jobs = new Map<string, JobRecord>();
  const removed = new Set<string>();
  let waiters: (() => void)[] = [];
  let store: JobStore | undefined;
  let working: { id: string; stop: AbortController; done: Promise<void> } | undefined;
  let isClosed = false;
  const sweeper = setInterval(() => void sweep(), sweepMs);
  sweeper.unref();

  function openStore(): JobStore {
    if (store) return store;
    try {
      store = openJobStore(limits.directory, log);
    } catch (cause) {
      log.error({ err: cause }, "JOBS_DIR cannot be opened");
      throw new ApiError({
        status: 503,
        type: "service_unavailable_error",
        code: "jobs_not_available",
        message: "This server cannot keep jobs at present: its folder for them cannot be opened.",
        headers: { "retry-after": String(retryAfterSeconds) },
        cause,
      });
    }
    const isRunning = ({ status }: JobRecord) => Number(status === "running");
    const inOrder = store.records.toSorted(
      (a, b) => isRunning(b) - isRunning(a) || a.createdAt - b.createdAt,
    );
    for (const record of inOrder) {
      if (record.status === "running") record.status = "queued";
      jobs.set(record.id, record);
    }
    return store;
  }

  function changed(): void {
    const woken = waiters;
    waiters = [];
    for (const wake of woken) wake();
  }

  const queued = () => [...jobs.values()].filter(({ status }) => status === "queued");
  const usedBytes = () => [...jobs.values()].reduce((sum, record) => sum + bytesOnDisk(record), 0);

  function requireRoom(bytes: number): void {
    if (usedBytes() + bytes <= limits.maxBytes) return;
    throw noStorage(`The jobs of this server may take ${limits.maxBytes} bytes, and have them.`);
  }

  function pump(): void {
    const [next] = queued();
    if (isClosed || working || !next || !store) return;
    const stop = new AbortController();
    const done = work(next, store, stop.signal).catch((err: unknown) =>
      log.error({ err, job: next.id }, "a job was left"),
    );
    working = { id: next.id, stop, done };
  }

  async function work(record: JobRecord, from: JobStore, signal: AbortSignal): Promise<void> {
    const jobLog = log.child({ job: record.id });
    const startedAt = performance.now();
    try {
      record.status = "running";
      record.startedAt ??= nowSeconds();
      changed();
      await from.save(record);
      await runJob({ record, store: from, services, log: jobLog, signal, requireRoom, changed });
      await end(record, from, "succeeded");
    } catch (cause) {
      if (signal.reason === parked) {
        record.status = "queued";
        await from.save(record).catch((err) => jobLog.error({ err }, "a job cannot be saved"));
      } else if (signal.reason === cancelled) await end(record, from, "cancelled");
      else await end(record, from, "failed", errorOf(cause, jobLog));
    }
    const { status } = record;
    const durationSeconds = (performance.now() - startedAt) / 1000;
    jobLog.info({ durationSeconds, code: record.error?.code }, `job ${status}`);
    working = undefined;
    changed();
    pump();
  }

  /** What failed or was cancelled has no files: nobody shall take them for all of it. */
  async function end(
    record: JobRecord,
    from: JobStore,
    status: "succeeded" | "failed" | "cancelled",
    error?: ApiError,
  ): Promise<void> {
    if (status !== "succeeded") {
      for (const [index, file] of record.files.entries()) {
        await from.removeFile(record.id, fileName(record, index));
        Object.assign(file, { bytes: 0, isWhole: false });
      }
      for (const index of record.chapters.keys()) {
        await from.removeFile(record.id, samplesName(index));
      }
    }
    record.status = status;
    record.error = error?.envelope.error ?? null;
    record.finishedAt = nowSeconds();
    record.expiresAt = record.finishedAt + limits.ttlSeconds;
    await from
      .save(record)
      .catch((err) => log.error({ err, job: record.id }, "a job cannot be saved"));
    changed();
  }

  async function remove(record: JobRecord): Promise<void> {
    jobs.delete(record.id);
    removed.add(record.id);
    await cancel(record);
    await store?.remove(record.id);
    changed();
  }

  async function cancel(record: JobRecord): Promise<void> {
    if (working?.id === record.id) {
      const { stop, done } = working;
      stop.abort(cancelled);
      await done;
    } else if (!isOver(record.status) && store) await end(record, store, "cancelled");
  }

  async function sweep(): Promise<void> {
    const expired = [...jobs.values()].filter(
      ({ expiresAt }) => expiresAt !== null && expiresAt <= nowSeconds(),
    );
    for (const record of expired) {
      await remove(record).catch((err) => log.error({ err }, "a job cannot be deleted"));
    }
  }

  function answer(record: JobRecord): JobAnswer {
    const position = queued().indexOf(record);
    return jobAnswer(record, position < 0 ? null : position + (working ? 1 : 0));
  }

  function jobOf(record: JobRecord): Job {
    return {
      record,
      answer: () => answer(record),
      filePath: (index) => store?.path(record.id, fileName(record, index)) ?? "",
      get isGone() {
        return isClosed || removed.has(record.id);
      },
      nextChange(signal) {
        return new Promise((resolve) => {
          const wake = () => {
            signal.removeEventListener("abort", wake);
            resolve();
          };
          waiters.push(wake);
          signal.addEventListener("abort", wake, { once: true });
        });
      },
      cancel: () => cancel(record),
      remove: () => remove(record),
      async tellUnspoken() {
        if (record.toldUnspoken || !isOver(record.status)) return false;
        record.toldUnspoken = true;
        try {
          await store?.save(record);
          return true;
        } catch (err) {
          // Told twice, it would be given back twice.
          record.toldUnspoken = false;
          log.error({ err, job: record.id }, "a job cannot be saved");
          return false;
        }
      },
    };
  }

  if (hasJobs(limits.directory)) {
    try {
      openStore();
      void sweep();
      // Engines that are starting would only refuse.
      void services.engines.settled().then(pump);
    } catch {
      // It has been logged, and who asks for a job is told.
    }
  }

  return {
    get originId() {
      return store?.originId ?? null;
    },
    async create(order, owner) {
      if (isClosed) throw stopping();
      const from = openStore();
      const open = [...jobs.values()].filter(({ status }) => !isOver(status)).length;
      if (open >= limits.maxQueued) throw tooMany(limits.maxQueued);
      requireRoomFor(order, usedBytes(), limits.maxBytes);
      const { record, script } = prepareJob(order, owner, from.originId, services.defaultLanguage);
      try {
        await from.create(record, script);
      } catch (cause) {
        throw errorOf(cause, log);
      }
      jobs.set(record.id, record);
      pump();
      return jobOf(record);
    },
    list: (owner) =>
      [...jobs.values()]
        .filter((record) => record.owner === owner)
        .reverse()
        .map(answer),
    find(id, owner) {
      const record = jobs.get(id);
      if (record?.owner !== owner) throw jobNotFound();
      return jobOf(record);
    },
    counts: () => ({ queued: queued().length, running: working ? 1 : 0 }),
    async close() {
      isClosed = true;
      clearInterval(sweeper);
      working?.stop.abort(parked);
      await working?.done;
      changed();
      store?.close();
    },
  };
}

/** Better refused than failed after hours: what it will take, about, samples of 16 bits and the file. */
function requireRoomFor(order: JobRequest, used: number, max: number): void {
  const { request, chapters } = order;
  const textBytes = chapters.reduce((sum, { input }) => sum + Buffer.byteLength(input), 0);
  const seconds = (textBytes * secondsPerByte) / request.speed;
  const bytes = Math.ceil(seconds * (2 * request.sampleRate + bytesPerSecond(request)));
  if (used + bytes <= max) return;
  throw noStorage(
    `The ${countJobCharacters(order)} characters of this job would take about ${bytes} bytes; the jobs of this server have ${Math.max(0, max - used)} of ${max} left.`,
  );
}

function errorOf(cause: unknown, log: Logger): ApiError {
  if (cause instanceof ApiError) return cause;
  log.error({ err: cause }, "a job failed");
  if (isOutOfRoom(cause)) return diskIsFull(cause);
  return serverError("The server failed to speak this job.", { cause });
}

function tooMany(max: number): ApiError {
  return new ApiError({
    status: 429,
    type: "rate_limit_error",
    code: "too_many_jobs",
    message: `This server has ${max} jobs to speak, and takes no more of them at present.`,
    headers: { "retry-after": String(retryAfterSeconds) },
  });
}

function stopping(): ApiError {
  return new ApiError({
    status: 503,
    type: "service_unavailable_error",
    code: "server_stopping",
    message: "The server is being stopped.",
    headers: { "retry-after": "1" },
  });
}
