/**
 * Draws tokens inside the graph, in the order of the `transformers` logits warpers that the official code uses:
 * temperature, top-k, top-p, softmax. Logits equal to the least one kept are kept too, for both limits.
 */
import type { Value } from "../onnx/graph.ts";
import { softmax } from "../onnx/ops/activation.ts";
import {
  and,
  cast,
  divide,
  greaterOrEqual,
  less,
  lessOrEqual,
  multiply,
  subtract,
  where,
} from "../onnx/ops/arithmetic.ts";
import { either } from "../onnx/ops/condition.ts";
import { cumSum, reduceMin, reduceSum, topK } from "../onnx/ops/reduction.ts";
import { gatherElements, slice } from "../onnx/ops/shape.ts";
import type { SamplingParameters } from "./sampling-parameters.ts";

/** logits [B, vocabulary], uniform [B, 1] in [0, 1): the tokens, int64 [B, 1]. */
export type Sampler = (logits: Value, uniform: Value) => Value;

export function createSampler(parameters: SamplingParameters): Sampler {
  const { temperature, lastRank, mass, limitsMass, sorted } = parameters;
  const { model } = sorted;
  const never = model.constant("float32", Number.NEGATIVE_INFINITY);

  /** The least of the falling `values` [B, sorted] that is within the top k, whose last is `kth`, and the top p. */
  function leastWithinMass(values: Value, kth: Value): Value {
    const inTopK = greaterOrEqual(values, kth);
    const probabilities = softmax(where(inTopK, values, never));
    const massAbove = subtract(cumSum(probabilities, 1), probabilities);
    const kept = and(inTopK, less(massAbove, mass));
    return reduceMin(where(kept, values, Number.POSITIVE_INFINITY), [1], { keepAxes: true });
  }

  return (logits, uniform) => {
    const scaled = divide(logits, temperature);
    const { values, indices } = topK(scaled, sorted);
    for (const value of [values, indices]) model.describe(value, ["B", sorted.name]);
    const kth = gatherElements(values, lastRank, 1);
    // Most requests have no top p, and then need no second softmax.
    const leastKept = either(
      limitsMass,
      () => leastWithinMass(values, kth),
      () => kth,
    );

    const wanted = softmax(where(greaterOrEqual(scaled, leastKept), scaled, never));
    const cumulated = cumSum(wanted, 1);
    // The sum the draw is measured by is the last of the running ones, so it always falls on a token that was kept.
    const point = multiply(uniform, slice(cumulated, { axis: 1, start: -1 }));
    const passed = cast(lessOrEqual(cumulated, point), "int64");
    return reduceSum(passed, [1], { keepAxes: true });
  };
}
