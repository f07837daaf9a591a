/**
 * Modules in threads of their own that answer calls. Native code that computes for seconds then blocks its own thread, and
 * nothing that the process has to answer meanwhile.
 */
import { fileURLToPath } from "node:url";
import { parentPort, Worker } from "node:worker_threads";
import { runner } from "./programs.ts";

/** What a thread can be asked for: functions of one argument. Arguments and results are copied on their way. */
export type Calls = Record<string, (argument: never) => unknown>;

export interface Thread<Answered extends Calls> {
  /**
   * Asks for something. Calls are answered one after the other, in the order in which they were made. Rejects with what the
   * function has thrown, and when the thread is closed before.
   */
  call<Name extends keyof Answered & string>(
    name: Name,
    argument: Parameters<Answered[Name]>[0],
  ): Promise<Awaited<ReturnType<Answered[Name]>>>;
  /** Resolves once all calls made before are answered. */
  answered(): Promise<void>;
  /** Ends it, after the call under way. */
  close(): Promise<void>;
}

interface Question {
  id: number;
  /** Null where only an answer is wanted. */
  name: string | null;
  argument: unknown;
}

type Answer = { id: number; result: unknown } | { id: number; error: unknown };

interface Asked {
  resolve(result: never): void;
  reject(error: unknown): void;
}

/**
 * Starts a thread that runs `module`, which calls `answerCalls`. One that dies by itself takes the process along: what it
 * has kept is lost, and whoever started the process knows what to do.
 */
export function startThread<Answered extends Calls>(module: URL): Thread<Answered> {
  const worker = new Worker(runner, { argv: [fileURLToPath(module)], execArgv: [] });
  const asked = new Map<number, Asked>();
  let questions = 0;
  let closed = false;

  worker.on("message", (answer: Answer) => {
    const { id } = answer;
    const question = asked.get(id);
    asked.delete(id);
    if (asked.size === 0) worker.unref();
    if ("error" in answer) question?.reject(answer.error);
    else question?.resolve(answer.result as never);
  });
  worker.on("error", (cause) => {
    throw new Error(`The thread of ${module.href} has died.`, { cause });
  });
  worker.on("exit", () => {
    for (const { reject } of asked.values()) reject(new Error("the thread has ended"));
    asked.clear();
  });

  function ask<Result>(name: string | null, argument: unknown): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      if (closed) return reject(new Error("the thread is closed"));
      const id = ++questions;
      asked.set(id, { resolve, reject });
      // A process has nothing left to do while nobody waits for an answer.
      worker.ref();
      worker.postMessage({ id, name, argument } satisfies Question);
    });
  }

  return {
    call: (name, argument) => ask(name, argument),
    answered: () => ask(null, null),
    async close() {
      closed = true;
      await worker.terminate();
    },
  };
}

/** The thread's side: has these functions answer what it is asked. */
export function answerCalls(functions: Calls): void {
  const port = parentPort;
  if (!port) throw new Error("calls are answered in a thread that startThread has started");
  let last: Promise<void> = Promise.resolve();

  async function answer({ id, name, argument }: Question): Promise<void> {
    try {
      const result = name === null ? null : await functions[name]?.(argument as never);
      port?.postMessage({ id, result } satisfies Answer);
    } catch (error) {
      port?.postMessage({ id, error } satisfies Answer);
    }
  }

  port.on("message", (question: Question) => {
    last = last.then(() => answer(question));
  });
}
