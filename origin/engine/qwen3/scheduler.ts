/**
 * Continuous batching at the borders of steps: whoever waits for more sound when a step begins can take part in it, and
 * does until there is some. A stream that is far enough ahead of its listener does not ask, and leaves the step to the
 * others. So does what is to be heard only after another, until that has time to spare.
 *
 * Where the codec computes beside the steps, a stream takes part in them while its sound is being made: so the frames of a
 * listener's next sound are made with those before it on their way to him.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { CodecStream } from "../../model/codec/codec-stream.ts";
import type { Chunk, Generator, Stream } from "../../model/generate/generator.ts";
import type { Listener } from "../engine.ts";
import type { ReportWork } from "../serve.ts";
import { createSpeaker, type Speaker, type Spoken } from "./speaker.ts";
import { createTurns, type StepLimits, type Turn } from "./turns.ts";

export type { Spoken };

export interface SchedulerOptions {
  generator: Pick<Generator, "step" | "release" | "reusedPositions">;
  /** Whether codecs decode while the generator steps; else each blocks the other. */
  decodesBeside?: boolean;
  limits: StepLimits;
  codebooks: number;
  secondsPerFrame: number;
  /** Is told of every step. */
  report?: ReportWork;
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
  /**
   * Makes way for what its listener hears after it, and frees what the stream and its codec keep; nothing more may be asked
   * for.
   */
  close(): void;
}

interface Waiting {
  signal: AbortSignal;
  resolve(spoken: Spoken): void;
  reject(reason: unknown): void;
}

interface Queued {
  speaker: Speaker;
  signal: AbortSignal;
  resolve(): void;
  reject(reason: unknown): void;
}

export function createScheduler(options: SchedulerOptions): Scheduler {
  const { generator, decodesBeside = false, limits, codebooks, secondsPerFrame } = options;
  const { report, clock = () => performance.now() / 1000 } = options;
  const turns = createTurns<Speaker>(limits, { decodesBeside });
  /** In the order in which they asked. */
  const waiting = new Map<Speaker, Waiting>();
  /** Those whose sound is being made beside the steps. */
  const speaking = new Set<Speaker>();
  /** Of those whose step failed while they said what was made before. */
  const failures = new Map<Speaker, unknown>();
  /** What each listener has been given last. */
  const latest = new Map<string, Speaker>();
  /** Of the step under way. */
  let stepping: readonly Speaker[] = [];
  let working = false;
  /** Those with something to say while another is being decoded beside the steps. */
  const queue: Queued[] = [];
  let isSaying = false;

  async function work(): Promise<void> {
    working = true;
    // One turn between two steps, in which those who just got their sound can ask for the next.
    for (await nextTurn(); ; await nextTurn()) {
      dropAborted();
      // Who waits for a first sound comes before what others hear after what is on its way to them.
      const isAwaited = [...waiting.keys()].some(({ isPrompt, before }) => isPrompt && !before);
      const ahead = isAwaited ? [] : [...speaking].filter(wantsFrames);
      const candidates = [...waiting.keys(), ...ahead];
      if (candidates.length === 0) break;
      const begun = clock();
      const turn = turns.next(candidates, begun);
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
    if (!working && waiting.size + speaking.size > 0) void work();
  }

  function wantsFrames(speaker: Speaker): boolean {
    const { isClosed, isReady } = speaker;
    return !isClosed && !isReady && !waiting.has(speaker) && !failures.has(speaker);
  }

  function dropAborted(): void {
    for (const [speaker, { signal, reject }] of waiting) {
      if (!signal.aborted) continue;
      waiting.delete(speaker);
      reject(signal.reason);
    }
  }

  async function step(turn: Turn<Speaker>, begun: number): Promise<void> {
    const { members, frames } = turn;
    const read = members.filter(({ isPrompt }) => isPrompt);
    const promptPositions = read.reduce((sum, speaker) => sum + speaker.promptPositions, 0);
    const reusedBefore = generator.reusedPositions;
    stepping = members;
    try {
      const chunks = await generator.step(
        members.map(({ stream }) => stream),
        frames,
      );
      turns.took(turn, clock() - begun);
      for (const [index, speaker] of members.entries()) speaker.take(chunks[index] as Chunk);
      const made = chunks.reduce((sum, { codes }) => sum + codes.length / codebooks, 0);
      const reusedPositions = generator.reusedPositions - reusedBefore;
      const rows = members.length;
      report?.({ steps: 1, rows, frames: made, promptPositions, reusedPositions });
    } catch (cause) {
      for (const speaker of members) await fail(speaker, cause);
      return;
    } finally {
      stepping = [];
      for (const { isClosed, stream } of members) if (isClosed) generator.release(stream);
    }
    for (const speaker of members) {
      const asked = waiting.get(speaker);
      if (!speaker.isReady || !asked) continue;
      // One whose codes cannot be decoded fails alone.
      const settled = settle(speaker, say(speaker, asked.signal));
      if (!decodesBeside) await settled;
    }
  }

  function fail(speaker: Speaker, cause: unknown): Promise<void> | undefined {
    if (waiting.has(speaker)) return settle(speaker, Promise.reject(cause));
    if (!speaker.isClosed) failures.set(speaker, cause);
    return undefined;
  }

  async function say(speaker: Speaker, signal: AbortSignal): Promise<Spoken> {
    if (!decodesBeside) return decode(speaker);
    speaking.add(speaker);
    try {
      await turnToSay(speaker, signal);
      return await decode(speaker).finally(passTurn);
    } finally {
      speaking.delete(speaker);
    }
  }

  async function decode(speaker: Speaker): Promise<Spoken> {
    const begun = clock();
    const spoken = await speaker.say();
    turns.decoded(spoken.codes.length / codebooks, clock() - begun);
    return spoken;
  }

  /** One after the other, whoever runs dry first: a first frame does not wait for the long cuts of others. */
  async function turnToSay(speaker: Speaker, signal: AbortSignal): Promise<void> {
    if (isSaying) {
      await new Promise<void>((resolve, reject) => {
        queue.push({ speaker, signal, resolve, reject });
      });
    }
    isSaying = true;
  }

  /** To the next of those who have not left. */
  function passTurn(): void {
    isSaying = false;
    queue.sort((a, b) => a.speaker.dryAt - b.speaker.dryAt);
    while (!isSaying) {
      const next = queue.shift();
      if (!next) return;
      isSaying = !next.signal.aborted;
      if (isSaying) next.resolve();
      else next.reject(next.signal.reason);
    }
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
          const failure = failures.get(speaker);
          if (failure !== undefined) return Promise.reject(failure);
          // What a step made for it beside what the others needed, or while it said what was before.
          if (speaker.isReady && !signal.aborted) {
            const spoken = say(speaker, signal);
            wake();
            return spoken;
          }
          return new Promise((resolve, reject) => {
            waiting.set(speaker, { signal, resolve, reject });
            wake();
          });
        },
        close() {
          speaker.close();
          failures.delete(speaker);
          // One in a step is freed when that is done.
          if (!stepping.includes(speaker)) generator.release(stream);
          if (listener && latest.get(listener.id) === speaker) latest.delete(listener.id);
          wake();
        },
      };
    },
  };
}
