/** The largest difference between two vectors, relative to the largest element of the expected one. */
export function relativeError(actual: Float32Array, expected: Float32Array): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let difference = 0;
  let magnitude = 0;
  expected.forEach((value, index) => {
    const distance = Math.abs(value - (actual[index] ?? Number.NaN));
    // Not Math.max, which would let a NaN vanish behind a later comparison.
    if (!(distance <= difference)) difference = distance;
    magnitude = Math.max(magnitude, Math.abs(value));
  });
  return difference / magnitude;
}
