import { closeSync, openSync, writeSync } from "node:fs";
import type { Shapes } from "../../../origin/model/checkpoint/shapes.ts";
import { type Distribution, distributionOf, type RowPatch } from "./random-weights.ts";
import { createUniform } from "./uniform.ts";

const bytesPerElement = { BF16: 2, F32: 4 } as const;
/** Elements that are drawn and written at once. */
const blockElements = 4 * 1024 * 1024;

export interface TensorFile {
  dtype: keyof typeof bytesPerElement;
  shapes: Shapes;
  /** Another seed gives other weights of the same distributions. */
  seed: number;
  patchOf?: (name: string) => RowPatch | undefined;
}

/** Writes a safetensors file of random weights in the memory of one block, and tells how many bytes of them it has written. */
export function writeTensors(
  path: string,
  { dtype, shapes, seed, patchOf }: TensorFile,
  onProgress: (written: number, total: number) => void = () => {},
): void {
  const elements = Object.values(shapes).reduce((sum, shape) => sum + elementCount(shape), 0);
  let written = 0;
  const descriptor = openSync(path, "w");
  try {
    writeAll(descriptor, header(shapes, bytesPerElement[dtype]));
    for (const [name, shape] of Object.entries(shapes)) {
      const draw = createDraw(`${seed} ${name}`, distributionOf(name, shape));
      const patch = patchOf?.(name);
      const rows = shape[0] ?? 1;
      const columns = elementCount(shape) / rows;
      const rowsAtOnce = Math.max(1, Math.floor(blockElements / columns));
      for (let first = 0; first < rows; first += rowsAtOnce) {
        const count = Math.min(rowsAtOnce, rows - first);
        const values = draw(count * columns);
        for (let row = 0; patch && row < count; row++) {
          patch(values.subarray(row * columns, (row + 1) * columns), first + row);
        }
        writeAll(descriptor, dtype === "BF16" ? toBfloat16(values) : values);
        written += values.length;
        onProgress(written * bytesPerElement[dtype], elements * bytesPerElement[dtype]);
      }
    }
  } finally {
    closeSync(descriptor);
  }

  function header(all: Shapes, elementBytes: number): Uint8Array {
    let end = 0;
    const entries = Object.entries(all).map(([name, shape]) => {
      const start = end;
      end += elementCount(shape) * elementBytes;
      return [name, { dtype, shape, data_offsets: [start, end] }];
    });
    const json = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(json.length));
    return Buffer.concat([length, json]);
  }
}

/** The next elements of a tensor, valid until the next call. A uniform draw has a deviation of 1 / √3. */
function createDraw(name: string, { mean, deviation }: Distribution) {
  const uniform = createUniform(name);
  const halfWidth = deviation * Math.sqrt(3);
  let values = new Float32Array(0);
  return (count: number): Float32Array => {
    if (values.length < count) values = new Float32Array(count);
    const wanted = values.subarray(0, count);
    if (halfWidth === 0) return wanted.fill(mean);
    for (let index = 0; index < count; index++) wanted[index] = mean + halfWidth * uniform();
    return wanted;
  };
}

/** The upper half of each float32, rounded to nearest. */
function toBfloat16(values: Float32Array): Uint16Array {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(words.length);
  for (let index = 0; index < words.length; index++) {
    halves[index] = ((words[index] ?? 0) + 0x8000) >>> 16;
  }
  return halves;
}

function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

function writeAll(descriptor: number, data: NodeJS.ArrayBufferView): void {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done);
}
