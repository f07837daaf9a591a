/**
 * The threads that AAC is encoded in. `@mediabunny/aac-encoder` would start one for each stream, which takes as long as an
 * engine takes to begin and leaves its memory behind; the code it runs there can serve many streams at once, so here
 * they share two. The package takes a global `Worker` where there is one, as in browsers: in its own calls it finds one
 * of these, which looks like a worker and is one stream's share of a thread.
 *
 * That code has no way to free a stream, so a thread is replaced after a number of them.
 */

import { AsyncLocalStorage } from "node:async_hooks";
import { resolveObjectURL } from "node:buffer";
import { Worker } from "node:worker_threads";

const maxThreads = 2;
/** Each leaves some 0.7 MB. */
const streamsPerThread = 64;

interface Request {
  id: number;
  command: unknown;
}

interface Response {
  id: number;
  success: boolean;
  data?: unknown;
  error?: unknown;
}

type Listener = (event: { data: Response }) => void;

interface Thread {
  /** Streams under way. */
  streams: number;
  /** Streams so far. */
  begun: number;
  isOnline: boolean;
  post(
    request: Request,
    transfer: readonly ArrayBuffer[],
    answer: (response: Response) => void,
  ): void;
  join(): void;
  leave(): void;
}

let threads: Thread[] = [];

function startThread(script: string): Thread {
  // It is plain JavaScript: what loads TypeScript here would cost it a second there.
  const worker = new Worker(script, { eval: true, execArgv: [] });
  const waiting = new Map<number, { id: number; answer: (response: Response) => void }>();
  let requests = 0;
  let ending: Error | undefined;

  const lose = (error: Error) => {
    ending ??= error;
    threads = threads.filter((other) => other !== thread);
    for (const { id, answer } of waiting.values()) answer({ id, success: false, error });
    waiting.clear();
  };
  worker.on("message", (response: Response) => {
    const asked = waiting.get(response.id);
    waiting.delete(response.id);
    asked?.answer({ ...response, id: asked.id });
  });
  worker.on("error", lose);
  worker.on("exit", () => lose(new Error("the thread that encodes AAC has ended")));
  worker.once("online", () => {
    thread.isOnline = true;
  });
  worker.unref();

  const thread: Thread = {
    streams: 0,
    begun: 0,
    isOnline: false,
    post({ id, command }, transfer, answer) {
      if (ending) return answer({ id, success: false, error: ending });
      const request = { id: requests++, command };
      waiting.set(request.id, { id, answer });
      worker.postMessage(request, transfer);
    },
    join() {
      thread.begun++;
      if (thread.streams++ === 0) worker.ref();
      if (thread.begun < streamsPerThread) return;
      // The next one is there when it is needed.
      threads = threads.filter((other) => other !== thread);
      threads.push(startThread(script));
    },
    leave() {
      if (--thread.streams > 0) return;
      worker.unref();
      if (thread.begun >= streamsPerThread) void worker.terminate();
    },
  };
  return thread;
}

/** Of those that have started, the thread with the fewest streams. Another one is started while all are busy and they are few. */
function chooseThread(script: string): Thread {
  const isBusy = threads.every(({ streams }) => streams > 0);
  if (isBusy && threads.length < maxThreads) threads.push(startThread(script));
  const online = threads.filter(({ isOnline }) => isOnline);
  const candidates = online.length > 0 ? online : threads;
  return candidates.reduce((best, thread) => (thread.streams < best.streams ? thread : best));
}

/** One stream's share of a thread, with as much of a web worker as the package uses. */
class StreamWorker {
  readonly #listeners: Listener[] = [];
  readonly #thread: Promise<Thread>;
  #isOver = false;

  constructor(url: string) {
    // It is revoked as soon as this returns.
    const blob = resolveObjectURL(url);
    if (!blob) throw new TypeError(`there is no script at ${url}`);
    script ??= blob.text();
    this.#thread = script.then((text) => {
      const thread = chooseThread(text);
      thread.join();
      return thread;
    });
  }

  addEventListener(type: string, listener: Listener): void {
    if (type === "message") this.#listeners.push(listener);
  }

  postMessage(request: Request, transfer: readonly ArrayBuffer[] = []): void {
    const answer = (data: Response) => {
      for (const listener of this.#listeners) listener({ data });
    };
    const post = (thread: Thread) => thread.post(request, transfer, answer);
    this.#thread
      .then(post)
      .catch((error: unknown) => answer({ id: request.id, success: false, error }));
  }

  terminate(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#thread.then((thread) => thread.leave()).catch(() => {});
  }
}

let script: Promise<string> | undefined;
const encoding = new AsyncLocalStorage<true>();
const found = Object.getOwnPropertyDescriptor(globalThis, "Worker")?.value;

Object.defineProperty(globalThis, "Worker", {
  configurable: true,
  get: () => (encoding.getStore() ? StreamWorker : found),
});

/** Runs what may start an AAC stream. */
export function withAacWorkers<Result>(start: () => Result): Result {
  return encoding.run(true, start);
}
