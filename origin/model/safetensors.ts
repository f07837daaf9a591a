// Reads tensors of a .safetensors file by ranges (huggingface.co/docs/safetensors, "Format"): a checkpoint of
// gigabytes costs the memory of the tensor at hand. Everything the header says is checked before the first read.
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import * as z from "zod";
import { type StoredType, storedBytes, toFloat32 } from "./stored-type.ts";

/** The limit of the reference implementation. */
const maxHeaderBytes = 100_000_000;
const lengthFieldBytes = 8;

export interface TensorInfo {
  dtype: StoredType;
  shape: readonly number[];
}

export interface SafetensorsFile {
  readonly path: string;
  /** In the order in which the header names them. */
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  /** The whole tensor as float32. Throws when there is none of this name. */
  read(name: string): Float32Array;
  /** `count` slices from `first` on along the first axis, as float32. */
  readRows(name: string, first: number, count: number): Float32Array;
  /** The same slices as they are stored. */
  readStored(name: string, first: number, count: number): Uint8Array;
  close(): void;
}

const size = z.int().nonnegative();
const headerEntry = z.object({
  dtype: z.enum(["F32", "F16", "BF16"]),
  shape: z.array(size),
  data_offsets: z.tuple([size, size]),
});
type HeaderEntry = z.infer<typeof headerEntry>;

/** Opens and validates a file. Throws an error that names the file, and the tensor where one is at fault. */
export function openSafetensors(path: string): SafetensorsFile {
  const descriptor = openSync(path, "r");
  try {
    return readable(path, descriptor);
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

function readable(path: string, descriptor: number): SafetensorsFile {
  const fileBytes = fstatSync(descriptor).size;

  function readBytes(position: number, byteLength: number): Uint8Array {
    const bytes = new Uint8Array(byteLength);
    let done = 0;
    while (done < byteLength) {
      const count = readSync(descriptor, bytes, done, byteLength - done, position + done);
      if (count === 0) throw new Error(`${path}: the file ends at byte ${position + done}`);
      done += count;
    }
    return bytes;
  }

  if (fileBytes < lengthFieldBytes) throw new Error(`${path}: ${fileBytes} bytes hold no header`);
  const lengthField = new DataView(readBytes(0, lengthFieldBytes).buffer);
  const headerBytes = Number(lengthField.getBigUint64(0, true));
  const dataStart = lengthFieldBytes + headerBytes;
  if (headerBytes > maxHeaderBytes || dataStart > fileBytes) {
    throw new Error(`${path}: a header of ${headerBytes} bytes does not fit in ${fileBytes} bytes`);
  }
  const header = parseHeader(path, readBytes(lengthFieldBytes, headerBytes));
  checkSpans(path, header, fileBytes - dataStart);

  function entryOf(name: string): HeaderEntry {
    const entry = header.get(name);
    if (!entry) throw new Error(`${path}: there is no tensor ${name}`);
    return entry;
  }

  function readStored(name: string, first: number, count: number): Uint8Array {
    const { shape, data_offsets } = entryOf(name);
    const rows = shape[0] ?? 1;
    if (first < 0 || count < 0 || first + count > rows) {
      throw new Error(`${path}: ${name} has ${rows} rows, not ${first} to ${first + count}`);
    }
    const rowBytes = rows === 0 ? 0 : (data_offsets[1] - data_offsets[0]) / rows;
    const position = dataStart + data_offsets[0] + first * rowBytes;
    return readBytes(position, count * rowBytes);
  }

  function readRows(name: string, first: number, count: number): Float32Array {
    const { dtype } = entryOf(name);
    return toFloat32(dtype, readStored(name, first, count));
  }

  return {
    path,
    tensors: header,
    read: (name) => readRows(name, 0, header.get(name)?.shape[0] ?? 1),
    readRows,
    readStored,
    close: () => closeSync(descriptor),
  };
}

function parseHeader(path: string, bytes: Uint8Array): Map<string, HeaderEntry> {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new Error(`${path}: the header is not JSON`, { cause });
  }
  const record = z.record(z.string(), z.unknown()).safeParse(json);
  if (!record.success) throw new Error(`${path}: the header is not a JSON object`);

  const header = new Map<string, HeaderEntry>();
  for (const [name, value] of Object.entries(record.data)) {
    if (name === "__metadata__") continue;
    const entry = headerEntry.safeParse(value);
    if (!entry.success) {
      throw new Error(`${path}: tensor ${name}: ${z.prettifyError(entry.error)}`);
    }
    header.set(name, entry.data);
  }
  return header;
}

/** The format wants the data covered exactly: no tensor outside, no overlap, no gap. */
function checkSpans(path: string, header: Map<string, HeaderEntry>, dataBytes: number): void {
  const byStart = [...header].sort(([, a], [, b]) => a.data_offsets[0] - b.data_offsets[0]);
  let covered = 0;
  for (const [name, { dtype, shape, data_offsets }] of byStart) {
    const [start, end] = data_offsets;
    const wanted = shape.reduce((product, length) => product * length, storedBytes(dtype));
    if (end - start !== wanted) {
      throw new Error(
        `${path}: tensor ${name}: ${dtype}[${shape}] takes ${wanted} bytes, its span has ${end - start}`,
      );
    }
    if (start !== covered) {
      const fault = start < covered ? "overlaps the one before it" : "leaves a gap before it";
      throw new Error(`${path}: tensor ${name}: its span at ${start} ${fault}`);
    }
    covered = end;
  }
  if (covered !== dataBytes) {
    throw new Error(`${path}: the tensors take ${covered} bytes, the file holds ${dataBytes}`);
  }
}
