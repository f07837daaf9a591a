/** Limits a sample to full scale, [-1, 1]. For `Float32Array.map`. Throws a RangeError for one that is not a number. */
export function clip(sample: number): number {
  // Encoders would make silence, noise or a failure of their own of it.
  if (Number.isNaN(sample)) throw new RangeError("a sample of the sound is not a number");
  return Math.max(-1, Math.min(1, sample));
}
