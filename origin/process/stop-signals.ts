import { constants } from "node:os";
import { watchNpm } from "./npm-process.ts";

/** SIGBREAK is Ctrl-Break of Windows, where SIGHUP is its window being closed, and other systems have none. */
const stopSignals = ["SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"] as const;
type StopSignal = (typeof stopSignals)[number];

/**
 * What comes so soon after the first signal is the same wish once more: npm passes on what a terminal has sent to all, and
 * service managers may send SIGHUP along with SIGTERM.
 */
const sameWishMilliseconds = 1000;

export interface StopSignals {
  /** Aborted at the first signal. One that comes a second later, or more, ends the process at once. */
  signal: AbortSignal;
  /** Resolves when `signal` is aborted. */
  asked: Promise<void>;
  /** From now on the first one ends the process. */
  release(): void;
}

/**
 * Turns the signals that ask a program to stop, and the end of the npm that runs it, into one that can be awaited.
 * `exitCode` is for what they end in order: by default what a shell expects of a command that was interrupted.
 */
export function listenForStop(
  exitCode = (name: StopSignal) => 128 + constants.signals[name],
): StopSignals {
  const stop = new AbortController();
  const asked = new Promise<void>((resolve) => {
    stop.signal.addEventListener("abort", () => resolve(), { once: true });
  });
  let firstAt = 0;

  function begin(name: StopSignal) {
    if (stop.signal.aborted) return;
    firstAt = performance.now();
    process.exitCode = exitCode(name);
    stop.abort();
  }

  const listeners = stopSignals.map((name) => {
    const listener = () => {
      if (!stop.signal.aborted) return begin(name);
      if (performance.now() - firstAt < sameWishMilliseconds) return;
      release();
      process.kill(process.pid, name);
    };
    process.on(name, listener);
    return [name, listener] as const;
  });
  const unwatch = watchNpm(() => begin("SIGTERM"));

  function release() {
    unwatch();
    for (const [name, listener] of listeners) process.removeListener(name, listener);
  }
  return { signal: stop.signal, asked, release };
}
