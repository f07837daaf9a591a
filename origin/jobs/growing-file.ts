import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { setImmediate as nextTurn } from "node:timers/promises";
import { completeHeader, maxHeaderBytes } from "../../shared/complete-header.ts";
import type { AudioFormat } from "../../shared/formats.ts";
import { createEncoder } from "../audio/encoders.ts";

/** Encoded at once, in seconds: everything else in the program waits meanwhile. */
const turnSeconds = 1;

interface GrowingFileOptions {
  format: AudioFormat;
  sampleRate: number;
  bitrate: number | null;
  /** What stands before the audio, if anything. */
  head: Uint8Array;
}

export interface GrowingFile {
  /** What has been written from its beginning on. */
  readonly bytes: number;
  readonly samples: number;
  /** Encodes signed 16-bit samples. */
  append(pcm: Uint8Array): Promise<void>;
  /** Ends the file: with another head of the same length, and a header that says how long it is. */
  finish(head: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/**
 * Writes a file from its beginning, also where it is there already: an encoder cannot be stopped and go on in another
 * process, but from the same samples it makes the same bytes, and faster by far than they were spoken. Whoever reads what
 * was there reads the same. Rejects with the system's error (ENOSPC).
 */
export async function openGrowingFile(
  path: string,
  { format, sampleRate, bitrate, head }: GrowingFileOptions,
): Promise<GrowingFile> {
  const handle = await open(path, constants.O_RDWR | constants.O_CREAT);
  const encoder = await createEncoder(format, { sampleRate, bitrate }).catch(async (cause) => {
    await handle.close();
    throw cause;
  });
  let bytes = 0;
  let samples = 0;

  async function write(part: Uint8Array): Promise<void> {
    await writeAt(handle, part, bytes);
    bytes += part.byteLength;
  }

  await write(head);
  return {
    get bytes() {
      return bytes;
    },
    get samples() {
      return samples;
    },
    async append(pcm) {
      const all = toFloats(pcm);
      const turn = turnSeconds * sampleRate;
      for (let at = 0; at < all.length; at += turn) {
        await write(await encoder.encode(all.subarray(at, at + turn)));
        await nextTurn();
      }
      samples += all.length;
    },
    async finish(last) {
      if (last.byteLength !== head.byteLength) throw new RangeError("the head has another length");
      await write(await encoder.finish());
      await handle.truncate(bytes);
      await writeAt(handle, last, 0);
      const header = new Uint8Array(Math.min(maxHeaderBytes, bytes - head.byteLength));
      await handle.read(header, 0, header.byteLength, head.byteLength);
      const length = { bytes: bytes - head.byteLength, samples, sample_rate: sampleRate };
      if (completeHeader(header, format, length)) await writeAt(handle, header, head.byteLength);
      await handle.sync();
    },
    async close() {
      encoder.close();
      await handle.close();
    },
  };
}

/** A disk that is nearly full takes a part of what it is given before it refuses the rest. */
export async function writeAt(handle: FileHandle, part: Uint8Array, place: number): Promise<void> {
  for (let done = 0; done < part.byteLength; ) {
    const left = part.byteLength - done;
    const { bytesWritten } = await handle.write(part, done, left, place + done);
    done += bytesWritten;
  }
}

/** As `toInt16` has it: 1 is 32768. */
function toFloats(pcm: Uint8Array): Float32Array {
  const view = new DataView(pcm.buffer, pcm.byteOffset, pcm.byteLength);
  const floats = new Float32Array(pcm.byteLength >> 1);
  for (let i = 0; i < floats.length; i++) floats[i] = view.getInt16(2 * i, true) / 32_768;
  return floats;
}
