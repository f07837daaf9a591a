import { constants } from "node:os";

const stopSignals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

export interface StopSignals {
  /** Aborted at the first of them; a second one ends the process at once. */
  signal: AbortSignal;
  /** From now on the first one ends the process. */
  release(): void;
}

/** Turns the signals that ask a program to stop into one that can be awaited, and into the exit code a shell expects. */
export function listenForStop(): StopSignals {
  const stop = new AbortController();
  const listeners = stopSignals.map((name) => {
    const listener = () => {
      process.exitCode = 128 + constants.signals[name];
      stop.abort();
    };
    process.once(name, listener);
    return [name, listener] as const;
  });
  return {
    signal: stop.signal,
    release() {
      for (const [name, listener] of listeners) process.removeListener(name, listener);
    },
  };
}
