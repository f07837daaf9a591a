/**
 * The threads that recordings are read in, a few at a time. What is read comes from anybody: a decoder that hangs, that
 * fills the memory or that dies takes its thread along and nothing else.
 */

import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { runner } from "../../process/programs.ts";
import type { ThreadAnswer } from "./thread.ts";
import { createTurns } from "./turns.ts";

const maxThreads = 2;

/** Of what is not in a typed array; those are bounded by what is decoded. */
const maxHeapMegabytes = 256;

/**
 * What is decoded at most takes a fifth of that on a busy core. Damaged files can be longer: Mediabunny goes round in
 * circles in some Matroska files with wrong lengths.
 */
const longestReadingSeconds = 20;

/** Decoders in WebAssembly never give memory back. */
const readingsPerThread = 100;

/** A new thread takes about as long as a recording of a minute. */
const idleMilliseconds = 60_000;

interface Thread {
  worker: Worker;
  readings: number;
}

interface IdleThread extends Thread {
  ending: NodeJS.Timeout;
}

const turns = createTurns(maxThreads);
const idle: IdleThread[] = [];

/** No answer came: the thread died or took too long. */
export class ThreadLostError extends Error {
  override readonly name = "ThreadLostError";
}

/**
 * Has a thread read the bytes, which are copied. Throws the signal's reason when that is aborted, at once and wherever the
 * thread is, and a ThreadLostError when the thread dies of the bytes or is not done with them in time.
 */
export async function readInThread(bytes: Uint8Array, signal: AbortSignal): Promise<ThreadAnswer> {
  const giveTurnBack = await turns.take(signal);
  try {
    return await readInTurn(bytes, signal);
  } finally {
    giveTurnBack();
  }
}

async function readInTurn(bytes: Uint8Array, signal: AbortSignal): Promise<ThreadAnswer> {
  const thread = takeIdle() ?? (await startThread());
  try {
    const answer = await ask(thread, bytes, signal);
    const isSpent =
      ++thread.readings >= readingsPerThread || ("refusal" in answer && answer.isSpent);
    if (isSpent) void thread.worker.terminate();
    else keepIdle(thread);
    return answer;
  } catch (error) {
    void thread.worker.terminate();
    throw error;
  }
}

function ask({ worker }: Thread, bytes: Uint8Array, signal: AbortSignal): Promise<ThreadAnswer> {
  return new Promise<ThreadAnswer>((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const onAbort = () => settle(() => reject(signal.reason));
    const onLate = () =>
      settle(() => reject(new ThreadLostError(`it takes more than ${longestReadingSeconds} s`)));
    const onError = (error: Error) => settle(() => reject(new ThreadLostError(error.message)));
    const onExit = () => settle(() => reject(new ThreadLostError("the thread has ended")));
    const onMessage = (answer: ThreadAnswer) => settle(() => resolve(answer));
    const settle = (tell: () => void) => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      worker.off("error", onError).off("exit", onExit).off("message", onMessage);
      // What comes of a thread that is ended is of no more interest.
      worker.on("error", () => {});
      tell();
    };
    const timer = setTimeout(onLate, longestReadingSeconds * 1000);
    signal.addEventListener("abort", onAbort);
    worker.on("error", onError).on("exit", onExit).on("message", onMessage);
    worker.ref();
    worker.postMessage(bytes);
  });
}

/** Throws an Error when threads cannot be started here. */
async function startThread(): Promise<Thread> {
  const worker = new Worker(runner, {
    argv: [fileURLToPath(new URL("thread.ts", import.meta.url))],
    execArgv: [],
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: maxHeapMegabytes },
  });
  await once(worker, "message");
  return { worker, readings: 0 };
}

function takeIdle(): Thread | undefined {
  const thread = idle.pop();
  if (thread) clearTimeout(thread.ending);
  return thread;
}

function keepIdle({ worker, readings }: Thread): void {
  const drop = () => {
    const at = idle.indexOf(kept);
    if (at >= 0) idle.splice(at, 1);
    clearTimeout(kept.ending);
  };
  const ending = setTimeout(() => {
    drop();
    void worker.terminate();
  }, idleMilliseconds).unref();
  const kept: IdleThread = { worker, readings, ending };
  worker.removeAllListeners("error").removeAllListeners("exit");
  worker.on("error", drop).on("exit", drop);
  worker.unref();
  idle.push(kept);
}
