import { rm } from "node:fs/promises";
import { ApiError } from "../../shared/api-error.ts";

/** Whether what the file system has thrown says that there is no room: on the disk, in a quota, or in a file as large as that. */
export function isOutOfRoom(cause: unknown): boolean {
  const { code } = (cause ?? {}) as NodeJS.ErrnoException;
  return code === "ENOSPC" || code === "EDQUOT" || code === "EFBIG";
}

/** 507 (RFC 4918, section 11.5): what is to be kept finds no room. */
export function noStorage(message: string, cause?: unknown): ApiError {
  return new ApiError({
    status: 507,
    type: "server_error",
    code: "insufficient_storage",
    message,
    headers: { "x-should-retry": "false" },
    cause,
  });
}

export function diskIsFull(cause: unknown): ApiError {
  return noStorage("The disk of this server is full.", cause);
}

/**
 * Writes a file by way of another one beside it, which does not stay behind where that fails. Throws a 507 where there is no room,
 * and else what the file system throws.
 */
export async function writeByWayOf(part: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (cause) {
    await rm(part, { force: true }).catch(() => undefined);
    throw isOutOfRoom(cause) ? diskIsFull(cause) : cause;
  }
}
