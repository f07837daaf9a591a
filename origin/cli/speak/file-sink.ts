import { open, rename, rm, stat } from "node:fs/promises";
import type { AudioFormat } from "../../../shared/formats.ts";
import { patchWavSizes, wavHeaderBytes } from "../../../shared/wav-header.ts";
import type { Sink } from "./sink.ts";

/**
 * A file that appears under its name when it is whole; until then it has a name of its own beside it. A WAV file gets
 * its true sizes. Throws when the file cannot be written or the path is something else than a file.
 */
export async function createFileSink(path: string, format: AudioFormat): Promise<Sink> {
  const present = await stat(path).catch(() => undefined);
  if (present && !present.isFile()) throw new Error(`${path} is there and is not a file`);
  const partPath = `${path}.${process.pid}.part`;
  const file = await open(partPath, "wx+").catch((cause: NodeJS.ErrnoException) => {
    throw new Error(`${path} cannot be written: ${cause.code}`, { cause });
  });
  let byteCount = 0;

  async function writeSizes(): Promise<void> {
    const header = new Uint8Array(wavHeaderBytes);
    await file.read(header, 0, wavHeaderBytes, 0);
    patchWavSizes(header, byteCount);
    await file.write(header, 0, wavHeaderBytes, 0);
  }

  return {
    name: path,
    async write(bytes) {
      byteCount += bytes.byteLength;
      await file.writeFile(bytes);
    },
    async finish() {
      if (format === "wav") await writeSizes();
      await file.close();
      await rename(partPath, path);
    },
    async discard() {
      await file.close();
      await rm(partPath, { force: true });
    },
  };
}
