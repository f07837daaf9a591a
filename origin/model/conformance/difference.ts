/** The largest difference between two elements of tensors of the same size; infinite where one is not a number. */
export function absoluteError(actual: Float32Array, expected: Float32Array): number {
  let largest = 0;
  for (let index = 0; index < expected.length; index++) {
    const difference = Math.abs((actual[index] ?? Number.NaN) - (expected[index] ?? Number.NaN));
    if (Number.isNaN(difference)) return Number.POSITIVE_INFINITY;
    largest = Math.max(largest, difference);
  }
  return largest;
}

/** The largest difference between two elements, relative to the largest element expected. */
export function relativeError(actual: Float32Array, expected: Float32Array): number {
  const difference = absoluteError(actual, expected);
  const magnitude = absoluteError(expected, new Float32Array(expected.length));
  return difference === 0 ? 0 : difference / magnitude;
}

export interface ListDifference {
  /** Entries of the longer list, and those of them that both have in the same place. */
  total: number;
  alike: number;
  /** The first place in which the lists differ, and what they have there; null when they do not. */
  first: { index: number; actual: string; expected: string } | null;
}

/** Compares lists entry by entry. Entries are the same when their texts are. */
export function compareLists(
  actual: readonly unknown[],
  expected: readonly unknown[],
): ListDifference {
  const at = (list: readonly unknown[], index: number) =>
    index < list.length ? String(list[index]) : "missing";
  const total = Math.max(actual.length, expected.length);
  const differing = Array.from({ length: total }, (_, index) => index).filter(
    (index) => at(actual, index) !== at(expected, index),
  );
  const [index] = differing;
  return {
    total,
    alike: total - differing.length,
    first:
      index === undefined
        ? null
        : { index, actual: at(actual, index), expected: at(expected, index) },
  };
}
