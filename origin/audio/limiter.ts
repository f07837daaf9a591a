/**
 * Turns what is too loud down before it comes, so that nothing is clipped.
 *
 * What has to be taken off each sample is held for 5 ms, which bridges the time between the peaks of a tone from 100 Hz on,
 * let go slowly, and smoothed over 5 ms, so that the gain is down when the peak comes and neither steps nor follows the wave.
 */

import { createSampleQueue } from "./sample-queue.ts";
import type { Stage } from "./stage.ts";
import { createPeakMeter, peakReach } from "./true-peak.ts";

/** -1 dBFS: what lossy encoders add to a peak has room above it. */
export const ceiling = 10 ** (-1 / 20);

const lookAheadSeconds = 0.005;
/** Until a third is left of what was taken off. */
const releaseSeconds = 0.05;
/** Less is not taken off at all: -120 dB. */
const nothing = 1e-6;

/**
 * Keeps samples, and what lies between them, at or below {@link ceiling}; what is below it anyway passes unchanged. As long
 * as what went in, and 5 to 6 ms late.
 */
export function createLimiter(sampleRate: number): Stage {
  const span = Math.round(lookAheadSeconds * sampleRate);
  const half = Math.ceil(span / 2);
  const peaks = createPeakMeter(ceiling);
  const held = createSlidingMaximum(span);
  // Together they look at as many samples as are held: what is held for a sample is all that they have when it leaves.
  const smoothings = [createRunningMean(half), createRunningMean(span - half + 1)] as const;
  const release = Math.exp(-1 / (releaseSeconds * sampleRate));
  const waiting = createSampleQueue();
  /** From the sample that comes out to the one that goes in. */
  const delay = span - 1 + peakReach;
  let before = 0;
  let released = 0;
  let toSkip = delay;

  /** The gain of the sample that came `delay` samples ago. */
  function gainAfter(sample: number): number {
    const after = peaks.push(sample);
    const peak = Math.max(before, after);
    before = after;
    const excess = peak > ceiling ? 1 - ceiling / peak : 0;
    released = Math.max(held(excess), released * release);
    if (released < nothing) released = 0;
    const [first, second] = smoothings;
    return 1 - second(first(released));
  }

  function pass(pcm: Float32Array): Float32Array {
    const gains = new Float64Array(pcm).map(gainAfter);
    const skipped = Math.min(toSkip, pcm.length);
    toSkip -= skipped;
    const samples = waiting.take(pcm.length - skipped);
    return samples.map((sample, index) => {
      const limited = sample * (gains[index + skipped] ?? 1);
      // Only what rounding has left over.
      return Math.max(-ceiling, Math.min(ceiling, limited));
    });
  }

  return {
    push(pcm) {
      waiting.add(pcm);
      return pass(pcm);
    },
    finish: () => pass(new Float32Array(delay)),
    close() {},
  };
}

/** The largest of the last `count` values, this one included. */
function createSlidingMaximum(count: number): (value: number) => number {
  // Those that are larger than all after them, by place.
  const values = new Float64Array(count);
  const places = new Float64Array(count);
  let [first, length, place] = [0, 0, 0];
  return (value) => {
    while (length > 0 && (values[(first + length - 1) % count] ?? 0) <= value) length--;
    if (length > 0 && (places[first] ?? 0) <= place - count) {
      first = (first + 1) % count;
      length--;
    }
    const last = (first + length) % count;
    values[last] = value;
    places[last] = place;
    length++;
    place++;
    return values[first] ?? 0;
  };
}

/** The mean of the last `count` values, this one included; what was before the first is 0. */
function createRunningMean(count: number): (value: number) => number {
  const values = new Float64Array(count);
  let at = 0;
  let sum = 0;
  return (value) => {
    sum += value - (values[at] ?? 0);
    values[at] = value;
    at = (at + 1) % count;
    // Rounding adds up to next to nothing, but not to nothing.
    if (Math.abs(sum) < 1e-12) sum = 0;
    return sum / count;
  };
}
