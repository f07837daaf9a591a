/** A voice in a mixture. */
export interface WeightedVector {
  /** An x-vector, or the vector of a preset speaker, of one model. */
  vector: Float32Array;
  /** Above 0. Only the proportions count. */
  weight: number;
}

/** The weighted mean of the vectors of voices of one model. Throws a RangeError when they are none or of several sizes, or a weight is not above 0. */
export function mixVectors(parts: readonly WeightedVector[]): Float32Array {
  const [first] = parts;
  if (!first) throw new RangeError("a mixture needs at least one voice");
  const total = parts.reduce((sum, { weight }) => sum + weight, 0);
  const mean = new Float64Array(first.vector.length);
  for (const { vector, weight } of parts) {
    if (!(weight > 0 && weight < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`a weight must be a number above 0; it is ${weight}`);
    }
    if (vector.length !== mean.length) {
      throw new RangeError(`vectors of ${mean.length} and ${vector.length} numbers do not mix`);
    }
    vector.forEach((value, index) => {
      mean[index] = (mean[index] ?? 0) + (weight / total) * value;
    });
  }
  return Float32Array.from(mean);
}
