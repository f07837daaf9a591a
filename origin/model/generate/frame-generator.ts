/**
 * Makes codes on a device that has no loops, a frame of one utterance in a call, with the caches left on the device.
 * Streams that step together take turns.
 */
import { Tensor } from "onnxruntime-node";
import type { EmbeddedPrompt } from "../prompt/prompt-embedder.ts";
import type { Tensors } from "../session.ts";
import { createBatchInputs } from "./batch-inputs.ts";
import { cacheNames } from "./frame-graph.ts";
import type { Chunk, Generator, GeneratorOptions } from "./generator.ts";
import { readGraphShape } from "./graph-shape.ts";
import { bytesPerPosition, createCacheData } from "./key-value-cache.ts";
import { createStreamState, finishReason, type StreamState } from "./stream-state.ts";
import { createStreams } from "./streams.ts";

/**
 * Positions of a prompt read in one call. From 32 on ONNX Runtime 1.30 takes another kernel for attention on WebGPU,
 * whose results were some percent off on software Vulkan.
 */
const maxPromptPositions = 31;

/** The caches by the names of the inputs they are for; none before the first call. */
interface DeviceCache {
  tensors: Tensors | null;
}

type Row = StreamState<DeviceCache>;

/** Drives the model of `buildFrame`, opened with the outputs of `cacheNames` kept on the device. */
export function createFrameGenerator(options: GeneratorOptions): Generator {
  const { session, pad, predictorVocabulary } = options;
  const shape = readGraphShape(session, predictorVocabulary);
  const { type, tensors, heads, headSize } = shape.cache;
  const names = cacheNames(tensors / 2);
  const batchInputs = createBatchInputs(shape, pad);
  const nothing = new Tensor(type, createCacheData(shape.cache, 0), [1, heads, 0, headSize]);
  const emptyCaches = Object.fromEntries(names.map(({ input }) => [input, nothing]));
  let heldPositions = 0;

  /** Runs the graph on vectors [n, H] and leaves their keys and values in the row's caches. */
  async function call(row: Row, embeddings: Float32Array): Promise<Tensors> {
    const inputs = batchInputs([{ ...row, embeddings }], 1);
    const outputs = await session.run({ ...inputs, ...(row.cache.tensors ?? emptyCaches) });
    dispose(row.cache);
    row.cache.tensors = Object.fromEntries(
      names.map(({ input, output }) => [input, get(outputs, output)]),
    );
    const gained = embeddings.length / shape.width;
    row.positions += gained;
    heldPositions += gained;
    return outputs;
  }

  /** The next frame of codes; null when the utterance has ended before it. */
  async function nextFrame(row: Row): Promise<BigInt64Array | null> {
    const most = maxPromptPositions * shape.width;
    let start = 0;
    // Of all calls but the last only the caches count.
    for (; row.embeddings.length - start > most; start += most) {
      await call(row, row.embeddings.subarray(start, start + most));
    }
    const outputs = await call(row, row.embeddings.subarray(start));
    row.finish = finishReason((get(outputs, "finish").data as Int32Array)[0]);
    if (row.finish) {
      free(row);
      return null;
    }
    row.frames++;
    row.embeddings = get(outputs, "embeddings.next").data as Float32Array;
    row.seen = get(outputs, "seen.next").data as Uint8Array;
    return get(outputs, "codes").data as BigInt64Array;
  }

  function free({ cache, positions }: Row): void {
    if (cache.tensors) heldPositions -= positions;
    dispose(cache);
  }

  async function advance(row: Row, frames: number): Promise<Chunk> {
    const codes: bigint[] = [];
    for (let made = 0; made < frames && !row.finish; made++) {
      codes.push(...((await nextFrame(row)) ?? []));
    }
    return { codes: BigInt64Array.from(codes), finish: row.finish };
  }

  return {
    // The caches are as long as their streams; a call makes one of them anew.
    keyValues: {
      bytesPerPosition: bytesPerPosition(shape.cache),
      pagePositions: 1,
      roomStep: 1,
      maxPadding: 1,
      maxRows: 1,
      rowMultiple: 1,
      copiesInCall: 1,
    },
    get heldBytes() {
      return heldPositions * bytesPerPosition(shape.cache);
    },
    reusedPositions: 0,
    ...createStreams<DeviceCache>({
      begin: (prompt: EmbeddedPrompt, options) =>
        createStreamState(prompt, options, shape, { tensors: null }),
      async run(rows, frames) {
        const chunks: Chunk[] = [];
        for (const row of rows) chunks.push(await advance(row, frames));
        return chunks;
      },
      free,
    }),
  };
}

function dispose(cache: DeviceCache): void {
  for (const tensor of Object.values(cache.tensors ?? {})) tensor.dispose();
  cache.tensors = null;
}

function get(outputs: Tensors, name: string): Tensor {
  const output = outputs[name];
  if (!output) throw new Error(`the graph gives no ${name}`);
  return output;
}
