import type { Value } from "../graph.ts";
import { integers, operation, operations } from "./operand.ts";

interface ReductionOptions {
  /** Whether reduced axes stay, with size 1. */
  keepAxes?: boolean;
}

function reduce(
  operator: string,
  x: Value,
  axes: readonly number[],
  options: ReductionOptions,
): Value {
  return operation(operator, [x, integers(x, axes)], {
    attributes: { keepdims: options.keepAxes ? 1 : 0 },
  });
}

export function reduceSum(
  x: Value,
  axes: readonly number[],
  options: ReductionOptions = {},
): Value {
  return reduce("ReduceSum", x, axes, options);
}

export function reduceMean(
  x: Value,
  axes: readonly number[],
  options: ReductionOptions = {},
): Value {
  return reduce("ReduceMean", x, axes, options);
}

export function reduceMax(
  x: Value,
  axes: readonly number[],
  options: ReductionOptions = {},
): Value {
  return reduce("ReduceMax", x, axes, options);
}

export function reduceMin(
  x: Value,
  axes: readonly number[],
  options: ReductionOptions = {},
): Value {
  return reduce("ReduceMin", x, axes, options);
}

/** The `count` largest elements along the axis, falling, and their int64 indices. `count` is an int64 vector of one. */
export function topK(
  x: Value,
  count: number | Value,
  axis = -1,
): { values: Value; indices: Value } {
  const [values, indices] = operations("TopK", [x, integers(x, count)], [x.type, "int64"], {
    attributes: { axis },
  });
  if (!values || !indices) throw new Error("TopK has two results");
  return { values, indices };
}

/** Running sum along the axis, each element included in its own sum. */
export function cumSum(x: Value, axis: number): Value {
  return operation("CumSum", [x, x.model.constant("int32", axis)]);
}

/** The int64 index of the largest element along the axis, the first of several; the axis is gone. */
export function argMax(x: Value, axis: number): Value {
  return operation("ArgMax", [x], { type: "int64", attributes: { axis, keepdims: 0 } });
}
