import { type Logger, pino } from "pino";

export type { Logger };

/** Logs JSON lines to standard output. What a client says, and the tokens it says it with, are never logged. */
export function createLogger(level: string): Logger {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime });
}
