/**
 * Decides what of a take is heard. The verdict depends on the take alone, never on the clock: the same utterance sounds
 * the same on a slow machine and on a fast one.
 *
 * A short take that may be retried is held back until it is whole, however fast the machine is: that costs the time to
 * make some two seconds of speech, and it is with the shortest texts that models fail most (vllm-project/vllm-omni issue
 * 4576). Any other can be given up only while all of it is silence, so that is held back and the rest leaves at once.
 */
import { createSampleQueue } from "../../audio/sample-queue.ts";
import type { UtteranceEnd } from "../engine.ts";
import { createDegenerationWatch } from "./degeneration.ts";
import { expectedSeconds, shortestSeconds } from "./duration-bounds.ts";
import type { Spoken } from "./scheduler.ts";

/** What is expected to last longer is not held back. */
const longestWholeSeconds = 2;

export interface RunawayGuardOptions {
  text: string;
  retryable: boolean;
  codebooks: number;
  samplesPerFrame: number;
  sampleRate: number;
}

export interface Passed {
  /** What may be heard now; empty while it is held back. */
  pcm: Float32Array;
  /** Once it is told, the take is over, even if the model would go on. */
  finish: UtteranceEnd["finish"] | null;
}

export interface RunawayGuard {
  /** Takes what the model said next. */
  push(spoken: Spoken): Passed;
}

export function createRunawayGuard(options: RunawayGuardOptions): RunawayGuard {
  const { text, retryable, codebooks, samplesPerFrame, sampleRate } = options;
  const isWhole = expectedSeconds(text) <= longestWholeSeconds;
  const hasWords = /[\p{L}\p{N}]/u.test(text);
  const shortest = shortestSeconds(text) * sampleRate;
  const watch = createDegenerationWatch();
  const held = createSampleQueue();
  let samples = 0;

  const mayBeGivenUp = () => retryable && (isWhole || !watch.hasSounded);

  function listen({ codes, pcm }: Spoken): void {
    for (let frame = 0; frame * codebooks < codes.length && !watch.isLost; frame++) {
      const sound = pcm.subarray(frame * samplesPerFrame, (frame + 1) * samplesPerFrame);
      watch.push(codes[frame * codebooks] ?? 0n, sound);
      held.add(sound);
      samples += sound.length;
    }
  }

  function isDegenerate(finish: Spoken["finish"]): boolean {
    const isSilent = !watch.hasSounded && (hasWords || finish === "length");
    return isSilent || (isWhole && (finish === "length" || samples < shortest));
  }

  return {
    push(spoken) {
      listen(spoken);
      const undoubted = Math.max(0, held.length - watch.doubtfulFrames * samplesPerFrame);
      const finish = watch.isLost ? "length" : spoken.finish;
      if (!finish) return { pcm: held.take(mayBeGivenUp() ? 0 : undoubted), finish };
      if (retryable && isDegenerate(finish)) return { pcm: held.take(0), finish: "degenerate" };
      return { pcm: held.take(finish === "stop" ? held.length : undoubted), finish };
    },
  };
}
