import { type Correlation, traceFields } from "../shared/http/trace-context.ts";

/**
 * Logs a fault that the client is not told of, since its answer did not need what failed. One line of JSON, with what else is
 * known of it.
 */
export function logFault(fault: string, cause: unknown, facts: object = {}): void {
  console.log(JSON.stringify({ level: "error", fault, ...facts, cause: describeCause(cause) }));
}

/** Which request a fault came of: not as `id`, which its own line has. */
export function requestFacts({ requestId, trace }: Correlation): object {
  return { request: requestId, ...traceFields(trace) };
}

export function describeCause(cause: unknown): string {
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
}
