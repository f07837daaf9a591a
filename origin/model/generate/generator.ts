/**
 * Makes codes for any number of utterances with one graph. Streams share a call for a chunk of frames and may be taken
 * into or left out of any call; what a stream says does not depend on its company or on the size of the chunks.
 *
 * That is exact in float32. The kernels of quantised weights take rows in pairs and round differently at a row without
 * a partner, so there a stream may change with its company, unless every call has an even number of rows (`steady`).
 * Kernels of GPUs may be chosen by the number of rows, so on CUDA it may change too.
 */

import type { EmbeddedPrompt } from "../prompt/prompt-embedder.ts";
import type { Session } from "../session.ts";
import type { KeyValueSizes } from "./key-value-bytes.ts";
import type { FinishReason, StreamOptions } from "./stream-state.ts";

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
  /** What streams and calls of them take. */
  readonly keyValues: KeyValueSizes;
  /** What is held now for keys and values, in bytes, between two steps. */
  readonly heldBytes: number;
  /** Positions of prompts that were not read, since others began with the same, so far. */
  readonly reusedPositions: number;
  /** Begins an utterance. Nothing is computed until its first step. */
  start(prompt: EmbeddedPrompt, options: StreamOptions): Stream;
  /**
   * Makes up to `frames` more frames for each stream, in calls of the graph that block this thread: one, unless the
   * streams are of very different lengths. A stream's first step reads its prompt, which it can only do alone. One step
   * at a time.
   */
  step(streams: readonly Stream[], frames: number): Promise<Chunk[]>;
  /** Frees what a stream keeps. It takes part in no step under way and in none after. */
  release(stream: Stream): void;
}

export interface GeneratorOptions {
  /** The model of a graph that makes frames. */
  session: Session;
  /** [H]: the projected text pad. */
  pad: Float32Array;
  /** Codes of each codebook but the first. */
  predictorVocabulary: number;
  /** Keeps quantised models exact in any company, at the cost of another row where their number is odd. */
  steady?: boolean;
  /** What may be kept of what prompts begin with, in bytes; nothing by default. For CPUs, where it changes no bit. */
  prefixBytes?: number;
}
