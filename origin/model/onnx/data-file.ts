// The file beside a model that holds its big tensors. Tensors are written as they come, so a pack of gigabytes is
// built in the memory of its largest tensor; a tensor asked for again, by this model or by another one that shares
// the file, is not written twice.
import { closeSync, openSync, writeSync } from "node:fs";
import { basename } from "node:path";
import { bytesOf, type TensorData } from "./element-type.ts";
import type { ExternalSpan } from "./proto.ts";

/** ONNX asks for page alignment so that a runtime can map the file. */
const alignmentBytes = 4096;

export interface DataFile {
  /** Where the tensor of this key lies; `produce` runs only for a key that is not in the file yet. */
  store(key: string, produce: () => TensorData): ExternalSpan;
  /** Bytes written so far, alignment included. */
  readonly byteLength: number;
  close(): void;
}

/** Creates or empties the file. Models that use it must be written into the same folder. */
export function createDataFile(path: string): DataFile {
  const location = basename(path);
  const descriptor = openSync(path, "w");
  const spans = new Map<string, ExternalSpan>();
  let end = 0;

  function writeAll(bytes: Uint8Array, position: number): void {
    let done = 0;
    while (done < bytes.byteLength) {
      done += writeSync(descriptor, bytes, done, bytes.byteLength - done, position + done);
    }
  }

  return {
    store(key, produce) {
      const known = spans.get(key);
      if (known) return known;
      const bytes = bytesOf(produce());
      const offsetBytes = Math.ceil(end / alignmentBytes) * alignmentBytes;
      writeAll(bytes, offsetBytes);
      end = offsetBytes + bytes.byteLength;
      const span = { location, offsetBytes, lengthBytes: bytes.byteLength };
      spans.set(key, span);
      return span;
    },
    get byteLength() {
      return end;
    },
    close() {
      closeSync(descriptor);
    },
  };
}
