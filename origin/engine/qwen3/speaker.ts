import type { CodecStream } from "../../model/codec/codec-stream.ts";
import type { Chunk, Stream } from "../../model/generate/generator.ts";
import type { FinishReason } from "../../model/generate/stream-state.ts";
import type { Candidate } from "./turns.ts";

/** What is cut, at most about, where what a listener hears of two utterances meets. */
const seamSeconds = 0.5;

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
  readonly before: Speaker | null;
  /** When it was said to its end, or given up, in seconds; null before. */
  readonly overAt: number | null;
  /** Whether nothing more is asked of it. */
  readonly isClosed: boolean;
  /** Takes what a step made. */
  take(chunk: Chunk): void;
  /** Whether there is something to say without another step. */
  readonly isReady: boolean;
  /** Says what is ready, one call at a time. Rejects when it cannot be decoded. */
  say(): Promise<Spoken>;
  /** Nothing more is asked of it. */
  close(): void;
}

export interface SpeakerOptions {
  stream: Stream;
  codec: CodecStream;
  codebooks: number;
  secondsPerFrame: number;
  promptPositions: number;
  /** How many it will be, about. */
  expectedFrames: number;
  /** What its listener hears before it. */
  before: Speaker | null;
  /** Of the listener. */
  speed: number;
  /** In seconds. */
  clock(): number;
}

/**
 * Steps make as many frames as suits all, but the codec, which rounds by the call, is fed in cuts of 1, 1, 2, 4, 8, 8, …
 * frames and the rest: an utterance sounds the same to the last bit whatever its company. The first sound is soon there,
 * and no cut is longer than all before it.
 */
export function createSpeaker(options: SpeakerOptions): Speaker {
  const { stream, codec, codebooks, promptPositions, expectedFrames, clock } = options;
  const secondsPerFrame = options.secondsPerFrame / options.speed;
  let { before } = options;
  let codes = new BigInt64Array(0);
  let saidFrames = 0;
  /** Of those, the ones whose sound is being made. */
  let soundingFrames = 0;
  /** Of all that was said when nothing was to be heard before it. */
  let dryAt = 0;
  /** To play of what was said ahead. */
  let aheadSeconds = 0;
  let overAt: number | null = null;
  let isClosed = false;

  const heldFrames = () => codes.length / codebooks;
  const cutFrames = () => Math.max(1, Math.min(longestCut, saidFrames));
  const missingFrames = () => Math.max(0, cutFrames() - heldFrames());

  /** What is still heard before it. */
  function heardBefore(): Speaker | null {
    if (before?.overAt == null) return before;
    dryAt = Math.max(before.overAt, before.dryAt - seamSeconds) + aheadSeconds;
    before = null;
    return null;
  }

  function end(): void {
    overAt ??= clock();
  }

  return {
    stream,
    promptPositions,
    expectedFrames,
    secondsPerFrame,
    get secondsLeft() {
      return Math.max(0, expectedFrames - stream.frames) * secondsPerFrame;
    },
    get before() {
      return heardBefore();
    },
    get overAt() {
      return overAt;
    },
    get isPrompt() {
      return stream.frames === 0;
    },
    get missingFrames() {
      return missingFrames();
    },
    get dryAt() {
      const first = heardBefore();
      const sounding = soundingFrames * secondsPerFrame;
      return sounding + (first ? Math.max(first.dryAt, clock()) + aheadSeconds : dryAt);
    },
    get isClosed() {
      return isClosed;
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
      soundingFrames = frames;
      const pcm = frames > 0 ? await codec.push(cut) : new Float32Array();
      soundingFrames = 0;
      if (heardBefore()) aheadSeconds += frames * secondsPerFrame;
      else dryAt = Math.max(dryAt, clock()) + frames * secondsPerFrame;
      const finish = codes.length === 0 ? stream.finish : null;
      if (finish) end();
      return { codes: cut, pcm, finish };
    },
    close() {
      isClosed = true;
      end();
      codec.close();
    },
  };
}
