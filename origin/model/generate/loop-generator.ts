import { Tensor } from "onnxruntime-node";
import type { Tensors } from "../session.ts";
import { createBatchCache } from "./batch-cache.ts";
import { createBatchInputs } from "./batch-inputs.ts";
import type { Chunk, Generator, GeneratorOptions } from "./generator.ts";
import { readGraphShape } from "./graph-shape.ts";
import {
  cacheDataOf,
  createCacheData,
  createKeyValueCache,
  type KeyValueCache,
} from "./key-value-cache.ts";
import { createStreamState, finishReason, type StreamState } from "./stream-state.ts";
import { createStreams } from "./streams.ts";

type Row = StreamState<KeyValueCache>;

/** Drives the model of `buildLoop`: many frames for many streams in a call. */
export function createLoopGenerator({ session, pad, steady = false }: GeneratorOptions): Generator {
  const shape = readGraphShape(session);
  const { tensors, heads, headSize } = shape.cache;
  const batchInputs = createBatchInputs(shape, pad);
  const batchCache = createBatchCache(shape.cache);

  async function run(rows: readonly Row[], frames: number): Promise<Chunk[]> {
    const isPrompt = rows.some(({ positions }) => positions === 0);
    if (isPrompt && rows.length > 1) throw new Error("a prompt must be read alone");
    // The first frame is always made on the prompt's single row; from then on a copy partners an odd row.
    const count = steady && isPrompt ? 1 : frames;
    const isOdd = rows.length % 2 === 1;
    const filled = steady && !isPrompt && isOdd ? [...rows, ...rows.slice(-1)] : rows;
    const caches = batchCache(filled.map(({ cache }) => cache)).map((tensor, index) => [
      `${index % 2 === 0 ? "key" : "value"}.${Math.floor(index / 2)}`,
      tensor,
    ]);
    const outputs = await session.run({
      ...batchInputs(filled, count),
      ...Object.fromEntries(caches),
      frames: new Tensor("int64", BigInt64Array.of(BigInt(count)), []),
    });
    return rows.map((row, index) => advance(row, index, filled.length, outputs));
  }

  /** Takes row `index` of a call's outputs into the stream. */
  function advance(state: Row, index: number, rows: number, outputs: Tensors): Chunk {
    const data = <Data>(name: string) => outputs[name]?.data as Data;
    const rowOf = <Data extends Float32Array | Uint8Array>(name: string, size: number) =>
      data<Data>(name).slice(index * size, (index + 1) * size) as Data;

    const made = Number(data<BigInt64Array>("framesMade")[index]);
    const allCodes = data<BigInt64Array>("codes");
    const codes = new BigInt64Array(made * shape.codebooks);
    for (let frame = 0; frame < made; frame++) {
      const start = (frame * rows + index) * shape.codebooks;
      codes.set(allCodes.subarray(start, start + shape.codebooks), frame * shape.codebooks);
    }

    state.frames += made;
    state.finish = finishReason(data<Int32Array>("finish")[index]);
    if (!outputs.cache) throw new Error("the graph gives no cache");
    const gained = cacheDataOf(outputs.cache);
    const positions = gained.length / (tensors * rows * heads * headSize);
    state.cache.append(gained, index, positions);
    state.positions += positions;
    state.embeddings = rowOf<Float32Array>("embeddings.next", shape.width);
    state.seen = rowOf<Uint8Array>("seen.next", shape.vocabulary);
    return { codes, finish: state.finish };
  }

  return {
    bytesPerPosition: createCacheData(shape.cache, tensors * heads * headSize).byteLength,
    ...createStreams<KeyValueCache>({
      begin: (prompt, options) =>
        createStreamState(prompt, options, shape, createKeyValueCache(shape.cache)),
      run,
      free() {},
    }),
  };
}
