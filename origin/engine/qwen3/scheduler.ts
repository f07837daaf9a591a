/**
 * Continuous batching at the borders of steps: whoever waits for more sound when a step begins can take part in it, and
 * does until there is some. A stream that is far enough ahead of its listener does not ask, and leaves the step to the
 * others. So does what is to be heard only after another, until that has time to spare.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { CodecStream } from "../../model/codec/codec-stream.ts";
import type { Chunk, Generator, Stream } from "../../model/generate/generator.ts";
import type { Listener } from "../engine.ts";
import { createSpeaker, type Speaker, type Spoken } from "./speaker.ts";
import { createTurns, type StepLimits, type Turn } from "./turns.ts";

export type { Spoken };

export interface SchedulerOptions {
  generator: Pick<Generator, "step">;
  limits: StepLimits;
  codebooks: number;
  secondsPerFrame: number;
  /** In seconds; that of this process by default. */
  clock?: () => number;
}

export interface Scheduler {
  /** Takes on an utterance that has not been begun. */
  open(stream: Stream, codec: CodecStream, options: OpenOptions): ScheduledUtterance;
}

export interface OpenOptions {
  /** How much there is to read before its first frame. */
  promptPositions: number;
  /** How many frames it will be, about. */
  expectedFrames: number;
  /** Hears it after those of it that were opened before. Without one, it is heard whatever else is. */
  listener?: Listener | undefined;
}

/** An utterance that takes part in the steps. */
export interface ScheduledUtterance {
  /**
   * What it says next; one call at a time. Rejects with the signal's reason when it is aborted before, and when a step or
   * the codec fails.
   */
  next(signal: AbortSignal): Promise<Spoken>;
  /** Makes way for what its listener hears after it; nothing more may be asked for. */
  close(): void;
}

interface Waiting {
  signal: AbortSignal;
  resolve(spoken: Spoken): void;
  reject(reason: unknown): void;
}

export function createScheduler(options: SchedulerOptions): Scheduler {
  const { generator, limits, codebooks, secondsPerFrame } = options;
  const { clock = () => performance.now() / 1000 } = options;
  const turns = createTurns<Speaker>(limits);
  /** In the order in which they asked. */
  const waiting = new Map<Speaker, Waiting>();
  /** What each listener has been given last. */
  const latest = new Map<string, Speaker>();
  let working = false;

  async function work(): Promise<void> {
    working = true;
    // One turn between two steps, in which those who just got their sound can ask for the next.
    for (await nextTurn(); dropAborted() > 0; await nextTurn()) {
      const begun = clock();
      const turn = turns.next([...waiting.keys()], begun);
      if (!turn) {
        // All wait for others to go on, to end or to be given up, each of which begins the work again.
        for (const { signal } of waiting.values()) signal.addEventListener("abort", wake);
        break;
      }
      await step(turn, begun);
    }
    working = false;
  }

  function wake(): void {
    if (!working && waiting.size > 0) void work();
  }

  /** Those who still wait afterwards. */
  function dropAborted(): number {
    for (const [speaker, { signal, reject }] of waiting) {
      if (!signal.aborted) continue;
      waiting.delete(speaker);
      reject(signal.reason);
    }
    return waiting.size;
  }

  async function step(turn: Turn<Speaker>, begun: number): Promise<void> {
    const { members, frames } = turn;
    try {
      const chunks = await generator.step(
        members.map(({ stream }) => stream),
        frames,
      );
      turns.took(turn, clock() - begun);
      for (const [index, speaker] of members.entries()) speaker.take(chunks[index] as Chunk);
    } catch (cause) {
      for (const speaker of members) await settle(speaker, Promise.reject(cause));
      return;
    }
    for (const speaker of members) {
      // One whose codes cannot be decoded fails alone.
      if (speaker.isReady) await settle(speaker, say(speaker));
    }
  }

  async function say(speaker: Speaker): Promise<Spoken> {
    const begun = clock();
    const spoken = await speaker.say();
    turns.decoded(spoken.codes.length / codebooks, clock() - begun);
    return spoken;
  }

  function settle(speaker: Speaker, spoken: Promise<Spoken>): Promise<void> | undefined {
    const asked = waiting.get(speaker);
    waiting.delete(speaker);
    return asked && spoken.then(asked.resolve, asked.reject);
  }

  return {
    open(stream, codec, { promptPositions, expectedFrames, listener }) {
      const speaker = createSpeaker({
        stream,
        codec,
        codebooks,
        secondsPerFrame,
        promptPositions,
        expectedFrames,
        before: (listener && latest.get(listener.id)) ?? null,
        speed: listener?.speed ?? 1,
        clock,
      });
      if (listener) latest.set(listener.id, speaker);
      return {
        next(signal) {
          // What a step made for it beside what the others needed.
          if (speaker.isReady && !signal.aborted) return say(speaker);
          return new Promise((resolve, reject) => {
            waiting.set(speaker, { signal, resolve, reject });
            wake();
          });
        },
        close() {
          speaker.close();
          if (listener && latest.get(listener.id) === speaker) latest.delete(listener.id);
          wake();
        },
      };
    },
  };
}
