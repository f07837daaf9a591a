import type { EmbeddedPrompt } from "../prompt/prompt-embedder.ts";
import { finishCodes } from "./frame-step.ts";
import type { GraphShape } from "./graph-shape.ts";
import type { DecoderSampling } from "./sampling-parameters.ts";

/** `length` when speech ended at a ceiling, or where no more of it was to come. */
export type FinishReason = "stop" | "length";

export interface StreamOptions {
  /** An integer from 0 to 2^53 - 1. */
  seed: number;
  /** The official `max_new_tokens` less one: the token that would begin another frame ends the stream. */
  maxFrames: number;
  /** 1 is none. */
  repetitionPenalty: number;
  talker: DecoderSampling;
  predictor: DecoderSampling;
}

/** One utterance on its way, between two calls of the graph. */
export interface StreamState<Cache = unknown> {
  readonly options: StreamOptions;
  /** [n, H]: what the first n frames that are fed back come with. */
  readonly trailing: Float32Array;
  readonly cache: Cache;
  /** How many positions the cache holds. */
  positions: number;
  /** What the next call starts from: the prompt [L, H], later one vector. */
  embeddings: Float32Array;
  /** How many of the prompt's first positions other prompts have, too. */
  readonly fixedPositions: number;
  /** The set of first codes so far, a byte for each token of the talker's vocabulary. */
  seen: Uint8Array;
  /** Frames made so far. */
  frames: number;
  finish: FinishReason | null;
}

export function createStreamState<Cache>(
  prompt: EmbeddedPrompt,
  options: StreamOptions,
  shape: GraphShape,
  cache: Cache,
): StreamState<Cache> {
  return {
    options,
    trailing: prompt.trailing,
    cache,
    positions: 0,
    embeddings: prompt.embeddings,
    fixedPositions: prompt.fixedPositions,
    seen: new Uint8Array(shape.vocabulary),
    frames: 0,
    finish: null,
  };
}

/** How a stream ended by what a frame says of it: one of `finishCodes`. */
export function finishReason(code: number | undefined): FinishReason | null {
  if (code === finishCodes.eos) return "stop";
  return code === finishCodes.limit ? "length" : null;
}
