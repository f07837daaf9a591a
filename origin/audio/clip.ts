/** Limits a sample to full scale, [-1, 1]. For `Float32Array.map`. */
export function clip(sample: number): number {
  return Math.max(-1, Math.min(1, sample));
}
