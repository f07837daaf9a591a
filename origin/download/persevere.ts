import { setTimeout as wait } from "node:timers/promises";
import { DownloadError, TransientFault } from "./download-error.ts";

export interface Patience {
  /** Failures in a row, with no progress between them, that end it. */
  tries: number;
  /** Before the second try; doubled before each further one. */
  firstDelaySeconds: number;
  /** How long nothing may arrive before a connection counts as broken. */
  stallSeconds: number;
}

export const patience: Patience = { tries: 5, firstDelaySeconds: 1, stallSeconds: 30 };

const longestDelaySeconds = 30;

export interface Try {
  /** Aborted by the caller and when nothing arrives for too long. */
  signal: AbortSignal;
  /** Something arrived. */
  alive(): void;
  /** The try has come further than any before it: what failed until now is forgiven. */
  progressed(): void;
}

export interface PersevereOptions {
  patience: Patience;
  signal: AbortSignal;
  /** A try failed for this reason, and the next one begins after a delay. */
  onRetry(reason: string, delaySeconds: number): void;
}

/**
 * Tries until it succeeds. Throws what a try throws unless that is a TransientFault; throws DownloadError when too many
 * of these came in a row, and the signal's reason when it is aborted.
 */
export async function persevere<Result>(
  attempt: (once: Try) => Promise<Result>,
  { patience, signal, onRetry }: PersevereOptions,
): Promise<Result> {
  let failures = 0;
  for (;;) {
    const watch = watchForStall(patience.stallSeconds);
    try {
      return await attempt({
        signal: AbortSignal.any([signal, watch.signal]),
        alive: watch.restart,
        progressed() {
          failures = 0;
        },
      });
    } catch (cause) {
      signal.throwIfAborted();
      if (!(cause instanceof TransientFault)) throw cause;
      failures += 1;
      if (failures >= patience.tries) {
        const facts = [cause.message, cause.advice, `Gave up after ${failures} tries in a row`];
        throw new DownloadError(facts.filter(Boolean).join(". "), { cause });
      }
      const backOff = patience.firstDelaySeconds * 2 ** (failures - 1);
      const delaySeconds = Math.max(
        cause.retryAfterSeconds,
        Math.min(backOff, longestDelaySeconds),
      );
      onRetry(cause.message, delaySeconds);
      await wait(delaySeconds * 1000, undefined, { signal });
    } finally {
      watch.end();
    }
  }
}

function watchForStall(seconds: number) {
  const stalled = new AbortController();
  const timer = setTimeout(() => {
    stalled.abort(new TransientFault(`nothing arrived for ${seconds} seconds`));
  }, seconds * 1000);
  return {
    signal: stalled.signal,
    restart: () => void timer.refresh(),
    end: () => clearTimeout(timer),
  };
}
