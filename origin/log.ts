import { type Logger, pino } from "pino";

export type { Logger };

/** Logs JSON lines to standard output. What a client says, and the tokens it says it with, are never logged. */
export function createLogger(level: string): Logger {
  // Not pino's own stream, which ends the process, or hangs at its end, when a terminal is gone.
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, process.stdout);
}

/** From now on this program outlives whoever reads its lines: a terminal that is closed, a pipe's other end. */
export function outliveReaders(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
}
