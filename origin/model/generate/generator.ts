/**
 * Makes codes for any number of utterances with one graph. Streams share a call for a chunk of frames and may be taken
 * into or left out of any call; what a stream says does not depend on its company or on the size of the chunks.
 *
 * That is exact in float32. The kernels of quantised weights take rows in pairs and round differently at a row without
 * a partner, so there a stream may change with its company, unless every call has an even number of rows (`steady`).
 * Kernels of GPUs may be chosen by the number of rows, so on CUDA it may change too.
 */
import { Tensor } from "onnxruntime-node";
import type { FinishReason } from "../../engine/engine.ts";
import type { EmbeddedPrompt } from "../prompt/prompt-embedder.ts";
import type { Session, Tensors } from "../session.ts";
import { createBatchCache } from "./batch-cache.ts";
import { createBatchInputs } from "./batch-inputs.ts";
import { finishCodes } from "./frame-step.ts";
import { readGraphShape } from "./graph-shape.ts";
import {
  cacheDataOf,
  createCacheData,
  createKeyValueCache,
  type KeyValueCache,
} from "./key-value-cache.ts";
import { createStreamState, type StreamOptions, type StreamState } from "./stream-state.ts";
import { createStreams } from "./streams.ts";

/** A handle on one utterance. */
export interface Stream {
  /** Frames made so far. */
  readonly frames: number;
  /** Null while there may be more. */
  readonly finish: FinishReason | null;
}

export interface Chunk {
  /** [frames, codebooks]; empty when the stream ended before its first frame of the chunk. */
  codes: BigInt64Array;
  finish: FinishReason | null;
}

export interface Generator {
  /** Bytes that one position of one stream takes, and again while the stream shares its calls. */
  readonly bytesPerPosition: number;
  /** Begins an utterance. Nothing is computed until its first step. */
  start(prompt: EmbeddedPrompt, options: StreamOptions): Stream;
  /**
   * Makes up to `frames` more frames for each stream, in one call of the graph that blocks this thread. A stream's
   * first step reads its prompt, which it can only do alone. One step at a time.
   */
  step(streams: readonly Stream[], frames: number): Promise<Chunk[]>;
  /** Frees what a stream keeps on a device. It takes part in no step under way and in none after. */
  release(stream: Stream): void;
}

export interface GeneratorOptions {
  /** The model of `buildGenerate`. */
  session: Session;
  /** [H]: the projected text pad. */
  pad: Float32Array;
  /** Keeps quantised models exact in any company, at the cost of another row where their number is odd. */
  steady?: boolean;
}

type Row = StreamState<KeyValueCache>;

export function createGenerator({ session, pad, steady = false }: GeneratorOptions): Generator {
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

export function finishReason(code: number | undefined): FinishReason | null {
  if (code === finishCodes.eos) return "stop";
  return code === finishCodes.limit ? "length" : null;
}
