/**
 * -50 dB of full scale, for single samples. Between words a codec's noise stays below it and the quietest consonants
 * of speech at usual levels rise above it; what fades in or out beneath it is for a margin to keep.
 */
const silenceLimit = 10 ** (-50 / 20);

/** Whether a sample in [-1, 1] is loud enough to be part of what is said. For `findIndex`. */
export function isSound(sample: number): boolean {
  return Math.abs(sample) > silenceLimit;
}
