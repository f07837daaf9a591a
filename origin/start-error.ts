import { SettingsError } from "./settings.ts";

/** What kept a program from starting, in one line for the operator. */
export function explainStartError(cause: unknown): string {
  if (cause instanceof SettingsError) return cause.message;
  if (!(cause instanceof Error)) return String(cause);
  const { code, port } = cause as NodeJS.ErrnoException & { port?: number };
  if (code === "EADDRINUSE") return `Port ${port} is in use: set ORIGIN_PORT to another one.`;
  if (code === "EACCES")
    return `Port ${port} may not be used by this user: set ORIGIN_PORT to another one.`;
  return cause.message;
}
