/**
 * Draws tokens inside the graph, in the order of the `transformers` logits warpers that the official code uses:
 * temperature, top-k, top-p, softmax. Logits equal to the least one kept are kept too, for both limits.
 */
import type { Model, Value } from "../onnx/graph.ts";
import { softmax } from "../onnx/ops/activation.ts";
import {
  and,
  cast,
  divide,
  greaterOrEqual,
  less,
  lessOrEqual,
  minimum,
  multiply,
  subtract,
  where,
} from "../onnx/ops/arithmetic.ts";
import { cumSum, reduceMax, reduceMin, reduceSum, topK } from "../onnx/ops/reduction.ts";
import { gatherElements, slice, unsqueeze } from "../onnx/ops/shape.ts";

/** How each row of the batch draws: one value for every row. */
export interface SamplingParameters {
  /** float32 [B], above 0. */
  temperature: Value;
  /** int64 [B], at least 1; more than the vocabulary has is all of it. */
  topK: Value;
  /** float32 [B], above 0; from 1 on it has no effect. */
  topP: Value;
  /** bool [B]: take the likeliest token; the first among equals. */
  greedy: Value;
}

/** logits [B, vocabulary], uniform [B, 1] in [0, 1): the tokens, int64 [B, 1]. */
export type Sampler = (logits: Value, uniform: Value) => Value;

/** Declares the parameters as inputs of the model whose names begin with `prefix`. */
export function samplingInputs(model: Model, prefix: string): SamplingParameters {
  return {
    temperature: model.input(`${prefix}.temperature`, "float32", ["B"]),
    topK: model.input(`${prefix}.topK`, "int64", ["B"]),
    topP: model.input(`${prefix}.topP`, "float32", ["B"]),
    greedy: model.input(`${prefix}.greedy`, "bool", ["B"]),
  };
}

/** Prepares in the current graph what does not change between draws, so that a loop around the draws does it once. */
export function createSampler(parameters: SamplingParameters, vocabulary: number): Sampler {
  const { model } = parameters.topK;
  const column = (perRow: Value) => unsqueeze(perRow, [1]);
  const temperature = column(parameters.temperature);
  const greedy = column(parameters.greedy);
  const topP = column(parameters.topP);
  const count = minimum(column(parameters.topK), vocabulary);
  const lastRank = subtract(count, 1);
  const limitsMass = less(topP, 1);
  const mass = where(limitsMass, topP, 2);
  // A running mass starts at the top and its rows may keep more than k by ties, so it needs the whole order.
  const sorted = reduceMax(where(limitsMass, vocabulary, count), [0]);
  const never = model.constant("float32", Number.NEGATIVE_INFINITY);

  return (logits, uniform) => {
    const scaled = divide(logits, temperature);
    const { values, indices } = topK(scaled, sorted);

    const inTopK = greaterOrEqual(values, gatherElements(values, lastRank, 1));
    const probabilities = softmax(where(inTopK, values, never));
    const massAbove = subtract(cumSum(probabilities, 1), probabilities);
    const kept = and(inTopK, less(massAbove, mass));
    const leastKept = reduceMin(where(kept, values, Number.POSITIVE_INFINITY), [1], {
      keepAxes: true,
    });

    const wanted = softmax(where(greaterOrEqual(scaled, leastKept), scaled, never));
    const cumulated = cumSum(wanted, 1);
    // The sum the draw is measured by is the last of the running ones, so it always falls on a token that was kept.
    const point = multiply(uniform, slice(cumulated, { axis: 1, start: -1 }));
    const passed = cast(lessOrEqual(cumulated, point), "int64");
    const drawn = reduceSum(passed, [1], { keepAxes: true });
    const likeliest = slice(indices, { axis: 1, start: 0, end: 1 });
    return where(greedy, likeliest, drawn);
  };
}
