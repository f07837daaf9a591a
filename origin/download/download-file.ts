import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { DownloadError, TransientFault } from "./download-error.ts";
import type { Hub } from "./hub.ts";
import type { RemoteFile } from "./list-files.ts";
import { openFile } from "./open-file.ts";
import { openPartFile, type PartFile } from "./part-file.ts";
import { type PersevereOptions, persevere } from "./persevere.ts";

export interface FileDownload {
  hub: Hub;
  id: string;
  commit: string;
  file: RemoteFile;
  /** Where it goes. */
  target: string;
}

export interface FileOptions extends PersevereOptions {
  /** The file has this many bytes now; fewer than before when it had to be begun anew. */
  onBytes(bytes: number): void;
}

/**
 * Downloads a file, going on from where an earlier download ended, and proves its content before it gets its name.
 * Throws DownloadError when that is not to be had, and what the file system throws.
 */
export async function downloadFile(download: FileDownload, options: FileOptions): Promise<void> {
  const { file, target } = download;
  await mkdir(dirname(target), { recursive: true });
  const part = await openPartFile(target, file);
  try {
    const isOfPieces = await fetchRest(part, download, options);
    let mismatch = part.mismatch();
    if (mismatch !== undefined && isOfPieces) {
      options.onRetry(`the pieces of ${file.path} do not fit together`, 0);
      await part.clear();
      await fetchRest(part, download, options);
      mismatch = part.mismatch();
    }
    if (mismatch !== undefined) {
      await part.remove();
      throw new DownloadError(
        `${file.path} did not arrive as it should be and is deleted: expected ${file.digest}, got ${mismatch}`,
      );
    }
    await part.publish();
  } finally {
    await part.close();
  }
}

/** Fetches what is missing. Tells whether the whole came in more than one piece. */
async function fetchRest(
  part: PartFile,
  { hub, id, commit, file }: FileDownload,
  options: FileOptions,
): Promise<boolean> {
  const { path } = file;
  let isOfPieces = part.size > 0;
  let etag: string | undefined;
  let furthest = part.size;
  options.onBytes(part.size);
  await persevere(async ({ signal, alive, progressed }) => {
    if (part.size === file.bytes) return;
    const opened = await openFile(hub, { id, commit, path, offset: part.size, etag }, signal);
    etag = opened.etag;
    isOfPieces = opened.offset > 0;
    if (opened.offset !== part.size) await part.clear();
    for await (const bytes of opened.body) {
      alive();
      if (part.size + bytes.byteLength > file.bytes) {
        await part.clear();
        throw new DownloadError(`${path} is longer than the ${file.bytes} bytes it should have`);
      }
      await part.append(bytes);
      options.onBytes(part.size);
      // A server that begins anew each time and never comes further makes no progress.
      if (part.size > furthest) {
        furthest = part.size;
        progressed();
      }
    }
    if (part.size < file.bytes) {
      throw new TransientFault(`${path} ended ${file.bytes - part.size} bytes early`);
    }
  }, options);
  return isOfPieces;
}
