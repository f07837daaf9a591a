import type { CodecStream } from "../../model/codec/codec-stream.ts";
import type { Chunk, Stream } from "../../model/generate/generator.ts";
import type { FinishReason } from "../../model/generate/stream-state.ts";
import type { Candidate } from "./turns.ts";

/** 640 ms of speech. */
const longestCut = 8;

/** What a speaker said next. */
export interface Spoken {
  /** [frames, codebooks] */
  codes: BigInt64Array;
  /** Empty when the utterance ended before another frame. */
  pcm: Float32Array;
  finish: FinishReason | null;
}

/** An utterance being spoken. */
export interface Speaker extends Candidate {
  readonly stream: Stream;
  /** Takes what a step made. */
  take(chunk: Chunk): void;
  /** Whether there is something to say without another step. */
  readonly isReady: boolean;
  /** Says what is ready. Rejects when it cannot be decoded. */
  say(): Promise<Spoken>;
}

export interface SpeakerOptions {
  stream: Stream;
  codec: CodecStream;
  codebooks: number;
  secondsPerFrame: number;
  /** In seconds. */
  clock(): number;
}

/**
 * Steps make as many frames as suits all, but the codec, which rounds by the call, is fed in cuts of 1, 1, 2, 4, 8, 8, …
 * frames and the rest: an utterance sounds the same to the last bit whatever its company. The first sound is soon there,
 * and no cut is longer than all before it.
 */
export function createSpeaker(options: SpeakerOptions): Speaker {
  const { stream, codec, codebooks, secondsPerFrame, clock } = options;
  let codes = new BigInt64Array(0);
  let saidFrames = 0;
  let dryAt = 0;

  const heldFrames = () => codes.length / codebooks;
  const cutFrames = () => Math.max(1, Math.min(longestCut, saidFrames));
  const missingFrames = () => Math.max(0, cutFrames() - heldFrames());

  return {
    stream,
    get isPrompt() {
      return stream.frames === 0;
    },
    get missingFrames() {
      return missingFrames();
    },
    get dryAt() {
      return dryAt;
    },
    take(chunk) {
      const joined = new BigInt64Array(codes.length + chunk.codes.length);
      joined.set(codes);
      joined.set(chunk.codes, codes.length);
      codes = joined;
    },
    get isReady() {
      return stream.finish !== null || missingFrames() === 0;
    },
    async say() {
      const frames = Math.min(heldFrames(), cutFrames());
      const cut = codes.slice(0, frames * codebooks);
      codes = codes.slice(cut.length);
      saidFrames += frames;
      const pcm = frames > 0 ? await codec.push(cut) : new Float32Array();
      dryAt = Math.max(dryAt, clock()) + frames * secondsPerFrame;
      return { codes: cut, pcm, finish: codes.length === 0 ? stream.finish : null };
    },
  };
}
