/**
 * Keys and values of what prompts begin with: instructions, a voice, the words of a reference. They are taken from the first
 * prompt that begins so, and read no more in those that follow.
 *
 * The sound is the same to the last bit, since attention looks back only and kernels of CPUs compute a position alike with
 * any number of others after it: those of quantised weights take them in pairs, so a prefix is of an even number.
 */
import { createHash } from "node:crypto";
import { Tensor } from "onnxruntime-node";
import {
  bytesPerPosition,
  type CacheData,
  type CacheShape,
  createCacheData,
} from "./key-value-cache.ts";
import type { StreamState } from "./stream-state.ts";

/** What a prompt begins with. */
export interface Prefix {
  /** A digest of its vectors. */
  key: string;
  positions: number;
}

export interface KeptPrefix {
  positions: number;
  /** [tensors, 1, heads, positions, head size] */
  data: CacheData;
  /** The same as inputs of a call, each [1, heads, positions, head size]. */
  tensors: readonly Tensor[];
}

export interface KeptPrefixes {
  /** Of a prompt that has not been read; null where it is too short to be worth it. */
  prefixOf(prompt: Pick<StreamState, "embeddings" | "fixedPositions">): Prefix | null;
  find(prefix: Prefix): KeptPrefix | undefined;
  /** Keeps it from what its prompt gained: [tensors, 1, heads, prompt positions, head size]. */
  keep(prefix: Prefix, gained: CacheData): void;
  readonly heldBytes: number;
}

/** A prefix is a multiple of these: also what a preset voice without instructions has. */
const alignedPositions = 8;
/** What is read of a prompt in any case: the first frame comes of its last position, and one alone has kernels of its own. */
const readPositions = 2;

/** `width` is of a position's vector. The prefixes used longest ago make way for others. */
export function createKeptPrefixes(
  shape: CacheShape,
  width: number,
  limitBytes: number,
): KeptPrefixes {
  const { type, tensors, heads, headSize } = shape;
  /** By their keys; the one used last is the last. */
  const kept = new Map<string, KeptPrefix>();
  let heldBytes = 0;

  function makeRoom(): void {
    for (const [key, { data }] of kept) {
      if (heldBytes <= limitBytes) return;
      kept.delete(key);
      heldBytes -= data.byteLength;
    }
  }

  return {
    prefixOf({ embeddings, fixedPositions }) {
      const most = Math.min(fixedPositions, embeddings.length / width - readPositions);
      const positions = most - (most % alignedPositions);
      if (positions <= 0 || positions * bytesPerPosition(shape) > limitBytes) return null;
      const vectors = embeddings.subarray(0, positions * width);
      const bytes = new Uint8Array(vectors.buffer, vectors.byteOffset, vectors.byteLength);
      return { key: createHash("sha256").update(bytes).digest("base64"), positions };
    },
    find({ key }) {
      const found = kept.get(key);
      if (!found) return undefined;
      kept.delete(key);
      kept.set(key, found);
      return found;
    },
    keep({ key, positions }, gained) {
      const ofPrompt = gained.length / (tensors * heads);
      const ofPrefix = positions * headSize;
      const data = createCacheData(shape, tensors * heads * ofPrefix);
      for (let head = 0; head < tensors * heads; head++) {
        data.set(gained.subarray(head * ofPrompt, head * ofPrompt + ofPrefix), head * ofPrefix);
      }
      const inputs = Array.from({ length: tensors }, (_, index) => {
        const part = data.subarray(index * heads * ofPrefix, (index + 1) * heads * ofPrefix);
        return new Tensor(type, part, [1, heads, positions, headSize]);
      });
      kept.set(key, { positions, data, tensors: inputs });
      heldBytes += data.byteLength;
      makeRoom();
    },
    get heldBytes() {
      return heldBytes;
    },
  };
}
