import { DownloadError } from "./download-error.ts";

/** In words, what the file system throws while something is written into the models folder; anything else as it is. */
export function storageError(cause: unknown, modelsDirectory: string): unknown {
  const { code, syscall, path } = (cause ?? {}) as NodeJS.ErrnoException;
  if (!(cause instanceof Error) || code === undefined || syscall === undefined) return cause;
  const advice = "or set MODELS_DIR to another one";
  if (code === "ENOSPC" || code === "EDQUOT") {
    return new DownloadError(
      `The disk of ${modelsDirectory} is full. What has arrived is kept: free some and give the same command, ${advice}`,
      { cause },
    );
  }
  if (code === "EFBIG") {
    return new DownloadError(
      `The file system of ${modelsDirectory} takes no file as large as that: FAT32 ends at 4 GB. Move the folder, ${advice}`,
      { cause },
    );
  }
  if (["EACCES", "EPERM", "EROFS"].includes(code)) {
    return new DownloadError(
      `${path ?? modelsDirectory} cannot be written (${code}): make the folder writable, ${advice}`,
      { cause },
    );
  }
  return cause;
}
