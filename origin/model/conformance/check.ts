import { compareLists } from "./difference.ts";

/** What became of one comparison with the reference. */
export interface Check {
  name: string;
  /** `reported` is measured and not required. */
  status: "passed" | "failed" | "reported";
  /** What came out. */
  measured: string;
  /** What was required. */
  bound?: string;
}

/** Passes when two tensors have the same size and are at most `limit` apart, as `distance` measures it. */
export function near(
  name: string,
  tensors: { actual: Float32Array; expected: Float32Array },
  distance: (actual: Float32Array, expected: Float32Array) => number,
  limit: number,
): Check {
  const { actual, expected } = tensors;
  if (actual.length !== expected.length) {
    const [measured, bound] = [`${actual.length} numbers`, `${expected.length} numbers`];
    return { name, status: "failed", measured, bound };
  }
  const measured = distance(actual, expected);
  return {
    name,
    status: measured <= limit ? "passed" : "failed",
    measured: measured.toExponential(1),
    bound: `at most ${limit.toExponential(0)}`,
  };
}

/**
 * Passes when two lists have the same entries. `noun` is what the entries are, and `place` says where in the list one
 * stands.
 */
export function identical(
  name: string,
  noun: string,
  actual: readonly unknown[],
  expected: readonly unknown[],
  place = (index: number) => `number ${index}`,
): Check {
  const { total, alike, first } = compareLists(actual, expected);
  const counted = `${alike} of ${total} ${noun}`;
  return {
    name,
    status: first ? "failed" : "passed",
    measured: first
      ? `${counted}, ${place(first.index)} is ${first.actual} instead of ${first.expected}`
      : counted,
    bound: "identical",
  };
}

/** The same checks, with an error that ends them as one more that failed. */
export async function* guarded(
  name: string,
  checks: AsyncIterable<Check>,
): AsyncGenerator<Check, void> {
  try {
    yield* checks;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    yield { name, status: "failed", measured: reason.replaceAll(/\s*\n\s*/g, "; ") };
  }
}
