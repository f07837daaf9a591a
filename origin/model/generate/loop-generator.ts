import { Tensor } from "onnxruntime-node";
import type { Tensors } from "../session.ts";
import { createBatchCache } from "./batch-cache.ts";
import { createBatchInputs } from "./batch-inputs.ts";
import { groupRows, maxPadding, maxRows, roomStep } from "./batch-rows.ts";
import type { Chunk, Generator, GeneratorOptions } from "./generator.ts";
import { readGraphShape } from "./graph-shape.ts";
import { createKeptPrefixes } from "./kept-prefixes.ts";
import {
  bytesPerPosition,
  cacheDataOf,
  createCacheData,
  createPagePool,
  type KeyValueCache,
  pagePositions,
} from "./key-value-cache.ts";
import { createStreamState, finishReason, type StreamState } from "./stream-state.ts";
import { createStreams } from "./streams.ts";

type Row = StreamState<KeyValueCache>;

/**
 * How often the rows of a call are in memory: as its inputs, in the loop as the state of one frame while that of the next
 * is made, and once more when the loop copies out its last; the allocator's gaps take another. Processes with 640 to 4,600
 * positions in a call took 4.0 to 4.8 times as much.
 */
const copiesInCall = 5;

/** Drives the model of `buildLoop`: many frames for many streams in a call. */
export function createLoopGenerator(options: GeneratorOptions): Generator {
  const { session, pad, predictorVocabulary, steady = false, prefixBytes = 0 } = options;
  const shape = readGraphShape(session, predictorVocabulary);
  const { type, tensors, heads, headSize } = shape.cache;
  const rowMultiple = steady ? 2 : 1;
  const batchInputs = createBatchInputs(shape, pad);
  const pool = createPagePool(shape.cache);
  const batchCache = createBatchCache(shape.cache, rowMultiple);
  const prefixes = createKeptPrefixes(shape.cache, shape.width, prefixBytes);
  let reusedPositions = 0;
  const nothing = new Tensor(type, createCacheData(shape.cache, 0), [1, heads, 0, headSize]);
  const noCaches = Array.from({ length: tensors }, () => nothing);

  async function run(rows: readonly Row[], frames: number): Promise<Chunk[]> {
    if (rows.some(({ positions }) => positions === 0)) return runPrompt(rows, frames);
    const chunks: Chunk[] = [];
    for (const group of groupRows(rows.map(({ positions }) => positions + frames))) {
      const members = group.flatMap((index) => rows[index] ?? []);
      const caches = members.map(({ cache }) => cache);
      const { order, tensors } = batchCache.layOut(caches, frames);
      const laidOut = order.flatMap((index) => members[index] ?? []);
      const outputs = await call(laidOut, tensors, frames);
      // Of a row and its copy, the first counts.
      for (const [member, index] of group.entries()) {
        const row = order.indexOf(member);
        chunks[index] = advance(members[member] as Row, row, laidOut.length, outputs);
      }
    }
    return chunks;
  }

  async function runPrompt(rows: readonly Row[], frames: number): Promise<Chunk[]> {
    const [row] = rows;
    if (!row || rows.length > 1) throw new Error("a prompt must be read alone");
    const first = await readPrompt(row);
    if (first.finish || frames === 1) return [first];
    const [rest] = await run([row], frames - 1);
    if (!rest) throw new Error("a call gives a chunk for every row");
    const codes = BigInt64Array.from([...first.codes, ...rest.codes]);
    return [{ codes, finish: rest.finish }];
  }

  /** Makes a frame, too. What the prompt has in common with an earlier one is taken from that. */
  async function readPrompt(row: Row): Promise<Chunk> {
    const prefix = prefixes.prefixOf(row);
    const known = prefix && prefixes.find(prefix);
    if (known) {
      const { data, positions } = known;
      row.cache.append(data, 0, positions);
      row.positions = positions;
      row.embeddings = row.embeddings.subarray(positions * shape.width);
      reusedPositions += positions;
    }
    const outputs = await call([row], known?.tensors ?? noCaches, 1);
    if (prefix && !known && outputs.cache) prefixes.keep(prefix, cacheDataOf(outputs.cache));
    return advance(row, 0, 1, outputs);
  }

  function call(rows: readonly Row[], caches: readonly Tensor[], frames: number): Promise<Tensors> {
    const named = caches.map((tensor, index) => [
      `${index % 2 === 0 ? "key" : "value"}.${Math.floor(index / 2)}`,
      tensor,
    ]);
    return session.run({
      ...batchInputs(rows, frames),
      ...Object.fromEntries(named),
      frames: new Tensor("int64", BigInt64Array.of(BigInt(frames)), []),
    });
  }

  function free({ cache }: Row): void {
    batchCache.forget(cache);
    cache.free();
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
    if (state.finish) free(state);
    return { codes, finish: state.finish };
  }

  return {
    keyValues: {
      bytesPerPosition: bytesPerPosition(shape.cache),
      pagePositions,
      roomStep,
      maxPadding,
      maxRows,
      rowMultiple,
      copiesInCall,
    },
    get heldBytes() {
      return pool.heldBytes + batchCache.heldBytes + prefixes.heldBytes;
    },
    get reusedPositions() {
      return reusedPositions;
    },
    ...createStreams<KeyValueCache>({
      begin: (prompt, options) => createStreamState(prompt, options, shape, pool.open()),
      run,
      free,
    }),
  };
}
