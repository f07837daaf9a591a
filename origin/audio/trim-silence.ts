/**
 * Cuts the silence before and after speech. Whether silence ends the speech or is a pause in it shows only later, so
 * it waits until something sounds. A pause longer than the wait goes out as it grows: otherwise whoever listens along
 * would run dry, and memory would be without bound. So of a silent end no more than the wait is cut.
 */

import { createSampleQueue } from "./sample-queue.ts";
import { isSound } from "./silence.ts";
import type { Stage } from "./stage.ts";

/** Kept on both sides: quiet onsets such as h and f, and the last of what fades. */
const marginSeconds = 0.02;

const longestWaitSeconds = 2;

export interface TrimSilence extends Stage {
  /** How many samples have been cut before the first sound. */
  readonly cutBefore: number;
}

interface TrimmedSides {
  before: boolean;
  after: boolean;
}

/**
 * Removes all silence before the first sound and up to two seconds of it after the last, except 20 ms on either side, or
 * on only one of the sides. What is in between is passed on sample for sample. Of nothing but silence, nothing is left
 * when that before sound is to go.
 */
export function createTrimSilence(
  sampleRate: number,
  sides: TrimmedSides = { before: true, after: true },
): TrimSilence {
  const margin = Math.round(marginSeconds * sampleRate);
  const longestWait = Math.round(longestWaitSeconds * sampleRate);
  const waiting = createSampleQueue();
  let hasBegun = !sides.before;
  let silentSamples = 0;
  let cutBefore = 0;

  const skipLeadingSilence = (pcm: Float32Array) => {
    const first = pcm.findIndex(isSound);
    hasBegun = first >= 0;
    const silent = hasBegun ? waiting.length - pcm.length + first : waiting.length;
    cutBefore += waiting.take(Math.max(0, silent - margin)).length;
  };

  return {
    push(pcm) {
      waiting.add(pcm);
      if (!hasBegun) skipLeadingSilence(pcm);
      if (!hasBegun) return new Float32Array(0);
      if (!sides.after) return waiting.take(waiting.length);
      const last = pcm.findLastIndex(isSound);
      silentSamples = last < 0 ? silentSamples + pcm.length : pcm.length - 1 - last;
      const inDoubt = Math.min(Math.max(0, silentSamples - margin), longestWait);
      return waiting.take(waiting.length - inDoubt);
    },
    finish: () => new Float32Array(0),
    close() {},
    get cutBefore() {
      return cutBefore;
    },
  };
}
