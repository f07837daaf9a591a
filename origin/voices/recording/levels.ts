/** Levels of a recording over time, and what they say of where speech is. */

import { recordingSampleRate } from "./recording.ts";

/** 10 ms: shorter than any sound of speech but the bursts of stops. */
export const frameSamples = recordingSampleRate / 100;

/** What no sound at all is, for decibels to stay finite. */
const floor = 1e-12;

/** The mean power of each whole frame of 10 ms, in dB of full scale; -120 for silence. */
export function frameLevels(samples: Float32Array): Float32Array {
  const levels = new Float32Array(Math.floor(samples.length / frameSamples));
  for (let frame = 0; frame < levels.length; frame++) {
    let power = 0;
    for (let i = frame * frameSamples; i < (frame + 1) * frameSamples; i++) {
      power += (samples[i] ?? 0) ** 2;
    }
    levels[frame] = 10 * Math.log10(power / frameSamples + floor);
  }
  return levels;
}

/** The level that a share of the frames, 0 to 1, does not exceed, in dB. -120 without frames. */
export function percentile(levels: Float32Array, share: number): number {
  const sorted = levels.toSorted();
  return sorted[Math.round(share * (sorted.length - 1))] ?? 10 * Math.log10(floor);
}

/**
 * The level of what is loud, in dB of full scale: what of each stretch of sound only the tenth part exceeds. However much
 * silence there is, since only frames within 40 dB of the loudest second count.
 */
export function speechLevel(levels: Float32Array): number {
  const loudest = percentile(levels, 1);
  return percentile(
    levels.filter((level) => level > loudest - 40),
    0.9,
  );
}
