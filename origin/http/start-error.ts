import { SettingsError } from "../settings.ts";

/** What kept a program from starting, in one line for the operator. */
export function explainStartError(cause: unknown): string {
  if (cause instanceof SettingsError) return cause.message;
  if (!(cause instanceof Error)) return String(cause);
  const { code, syscall, path, port, address } = cause as NodeJS.ErrnoException & {
    port?: number;
    address?: string;
  };
  // The one folder that is listed at the start.
  if (syscall === "scandir") return `MODELS_DIR: ${path} cannot be read (${code}).`;
  if (syscall !== "listen") return cause.message;
  if (code === "EADDRINUSE") return `Port ${port} is in use: set ORIGIN_PORT to another one.`;
  if (code === "EACCES")
    return `Port ${port} may not be used by this user: set ORIGIN_PORT to another one.`;
  if (code === "EADDRNOTAVAIL") return `ORIGIN_HOST: ${address} is no address of this machine.`;
  return cause.message;
}
