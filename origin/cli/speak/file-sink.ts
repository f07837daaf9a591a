import { open, rename, rm, stat } from "node:fs/promises";
import {
  completeHeader,
  type FileLength,
  maxHeaderBytes,
} from "../../../shared/complete-header.ts";
import type { AudioFormat } from "../../../shared/formats.ts";
import type { Sink } from "./sink.ts";

/**
 * A file that appears under its name when it is whole; until then it has a name of its own beside it. Where its
 * format has a header for that, it says how long it is. Throws when the file cannot be written or the path is something else than a file.
 */
export async function createFileSink(path: string, format: AudioFormat): Promise<Sink> {
  const present = await stat(path).catch(() => undefined);
  if (present && !present.isFile()) throw new Error(`${path} is there and is not a file`);
  const partPath = `${path}.${process.pid}.part`;
  const file = await open(partPath, "wx+").catch((cause: NodeJS.ErrnoException) => {
    throw new Error(`${path} cannot be written: ${cause.code}`, { cause });
  });
  let byteCount = 0;

  async function writeLength(length: FileLength): Promise<void> {
    const { buffer, bytesRead } = await file.read(new Uint8Array(maxHeaderBytes), { position: 0 });
    if (!completeHeader(buffer.subarray(0, bytesRead), format, length)) return;
    await file.write(buffer, 0, bytesRead, 0);
  }

  return {
    name: path,
    async write(bytes) {
      byteCount += bytes.byteLength;
      await file.writeFile(bytes);
    },
    async finish(length) {
      await writeLength({ ...length, bytes: byteCount });
      await file.close();
      await rename(partPath, path);
    },
    async discard() {
      await file.close();
      await rm(partPath, { force: true });
    },
  };
}
