/** Logs a fault that the client is not told of, since its answer did not need what failed. One line of JSON. */
export function logFault(fault: string, cause: unknown): void {
  console.log(JSON.stringify({ level: "error", fault, cause: describeCause(cause) }));
}

export function describeCause(cause: unknown): string {
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
}
