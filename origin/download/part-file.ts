import { rmSync, statSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { createDigester } from "./digest.ts";
import type { RemoteFile } from "./list-files.ts";

const readBytes = 1024 * 1024;

function partPath(target: string): string {
  return `${target}.part`;
}

/** How much an earlier download left of `target`, in bytes. */
export function partSize(target: string): number {
  return statSync(partPath(target), { throwIfNoEntry: false })?.size ?? 0;
}

/** Removes what an earlier download left of `target`. */
export function removePart(target: string): void {
  rmSync(partPath(target), { force: true });
}

/** A file that is still arriving. It has its final name only once it is whole and proven. */
export interface PartFile {
  /** Bytes it has. */
  readonly size: number;
  append(bytes: Uint8Array): Promise<void>;
  /** Empties it. */
  clear(): Promise<void>;
  /** The digest it has instead of the one it should have; undefined when its content is right. */
  mismatch(): string | undefined;
  /** Gives it its final name. */
  publish(): Promise<void>;
  remove(): Promise<void>;
  /** Keeps what there is for another time. */
  close(): Promise<void>;
}

/** Opens the part of `target`, with what an earlier download left of it. */
export async function openPartFile(target: string, file: RemoteFile): Promise<PartFile> {
  const path = partPath(target);
  const handle = await open(path, "a+");
  let size = 0;
  let digester = createDigester(file.digest, file.bytes);

  const part: PartFile = {
    get size() {
      return size;
    },
    async append(bytes) {
      await handle.appendFile(bytes);
      digester.update(bytes);
      size += bytes.byteLength;
    },
    async clear() {
      await handle.truncate();
      digester = createDigester(file.digest, file.bytes);
      size = 0;
    },
    mismatch() {
      const digest = digester.end();
      return digest === file.digest ? undefined : digest;
    },
    async publish() {
      // Only now some file systems say that there was no room.
      await handle.sync();
      await handle.close();
      await rename(path, target);
    },
    async remove() {
      await handle.close();
      await rm(path);
    },
    close: () => handle.close(),
  };

  for await (const bytes of handle.createReadStream({
    start: 0,
    autoClose: false,
    highWaterMark: readBytes,
  })) {
    digester.update(bytes);
    size += bytes.byteLength;
  }
  if (size > file.bytes) await part.clear();
  return part;
}
