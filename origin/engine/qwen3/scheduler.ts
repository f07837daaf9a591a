/**
 * Continuous batching at chunk borders: whoever waits for its next chunk when a step begins can take part in it. A
 * stream that is far enough ahead of its listener does not ask, and leaves the step to the others.
 *
 * A prompt is read alone and makes one frame, so that its first sound is not held up; chunks then grow, since a call
 * costs less per frame the more frames it makes, until waiting for them would be felt by those who cancel or join.
 * Steps are shared by streams whose next chunks are equally long: every utterance is cut alike whatever its company,
 * and its sound, which the codec rounds by the chunk, stays the same to the last bit.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { CodecStream } from "../../model/codec/codec-stream.ts";
import type { Chunk, Generator, Stream } from "../../model/generate/generator.ts";
import type { FinishReason } from "../engine.ts";

/** 640 ms of speech. */
const maxChunkFrames = 8;
/** Streams that share a step. */
export const maxRows = 16;

/** An utterance being spoken. */
export interface Speaker {
  stream: Stream;
  codec: CodecStream;
}

/** What a speaker said next. */
export interface Spoken {
  /** [frames, codebooks] */
  codes: BigInt64Array;
  /** Empty when the utterance ended before another frame. */
  pcm: Float32Array;
  finish: FinishReason | null;
}

export interface Scheduler {
  /** The speaker's next chunk. Rejects with the signal's reason when it is aborted before its turn. */
  next(speaker: Speaker, signal: AbortSignal): Promise<Spoken>;
}

interface Waiting {
  speaker: Speaker;
  signal: AbortSignal;
  resolve(spoken: Spoken): void;
  reject(reason: unknown): void;
}

export function createScheduler(generator: Generator): Scheduler {
  let waiting: Waiting[] = [];
  let working = false;

  async function work(): Promise<void> {
    working = true;
    // One turn between two steps, in which those who just got their chunk can ask for the next.
    for (await nextTurn(); waiting.length > 0; await nextTurn()) await step();
    working = false;
  }

  async function step(): Promise<void> {
    const turn = takeTurn();
    try {
      const streams = turn.map(({ speaker }) => speaker.stream);
      const [first] = streams;
      const chunks = first ? await generator.step(streams, chunkFrames(first)) : [];
      for (const [index, { speaker, resolve, reject }] of turn.entries()) {
        // One whose codes cannot be decoded fails alone.
        await sound(speaker, chunks[index] as Chunk).then(resolve, reject);
      }
    } catch (cause) {
      for (const { reject } of turn) reject(cause);
    }
  }

  /** The oldest prompt alone; else those with the shortest chunks to make, who have the least to play meanwhile. */
  function takeTurn(): Waiting[] {
    for (const { signal, reject } of waiting) if (signal.aborted) reject(signal.reason);
    waiting = waiting.filter(({ signal }) => !signal.aborted);
    const prompt = waiting.find(({ speaker }) => speaker.stream.frames === 0);
    const shortest = Math.min(...waiting.map(({ speaker }) => chunkFrames(speaker.stream)));
    const group = waiting.filter(({ speaker }) => chunkFrames(speaker.stream) === shortest);
    const turn = prompt ? [prompt] : group.slice(0, maxRows);
    waiting = waiting.filter((candidate) => !turn.includes(candidate));
    return turn;
  }

  return {
    next(speaker, signal) {
      return new Promise((resolve, reject) => {
        waiting.push({ speaker, signal, resolve, reject });
        if (!working) void work();
      });
    },
  };
}

async function sound({ codec }: Speaker, { codes, finish }: Chunk): Promise<Spoken> {
  return { codes, pcm: codes.length > 0 ? await codec.push(codes) : new Float32Array(), finish };
}

/** 1, 1, 2, 4, 8, 8, …: no chunk is longer than all before it. */
function chunkFrames({ frames }: Stream): number {
  return Math.max(1, Math.min(maxChunkFrames, frames));
}
