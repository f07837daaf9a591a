import type { ElementType } from "../element-type.ts";
import type { Value } from "../graph.ts";
import { add, cast, divide, multiply, subtract } from "./arithmetic.ts";
import { integers, type Operand, operation, operations } from "./operand.ts";

/** Sizes of a shape: fixed ones as numbers, others as int64 scalars. */
export type Sizes = readonly (number | Value)[];

/** The size of one axis, an int64 scalar. */
export function sizeOf(x: Value, axis: number): Value {
  const attributes = axis === -1 ? { start: axis } : { start: axis, end: axis + 1 };
  return squeeze(operation("Shape", [x], { type: "int64", attributes }), [0]);
}

function shapeVector(like: Value, sizes: Sizes): Value {
  const fixed = sizes.filter((size) => typeof size === "number");
  if (fixed.length === sizes.length) return integers(like, fixed);
  const vectors = sizes.map((size) =>
    typeof size === "number" ? integers(like, size) : unsqueeze(size, [0]),
  );
  return concat(vectors, 0);
}

/** -1 is inferred, 0 keeps the size that the axis has. */
export function reshape(x: Value, sizes: Sizes): Value {
  return operation("Reshape", [x, shapeVector(x, sizes)]);
}

/** Broadcasts x to this shape. */
export function expand(x: Value, sizes: Sizes): Value {
  return operation("Expand", [x, shapeVector(x, sizes)]);
}

export function unsqueeze(x: Value, axes: readonly number[]): Value {
  return operation("Unsqueeze", [x, integers(x, axes)]);
}

export function squeeze(x: Value, axes: readonly number[]): Value {
  return operation("Squeeze", [x, integers(x, axes)]);
}

/** Axis `i` of the result is axis `permutation[i]` of x. */
export function transpose(x: Value, permutation: readonly number[]): Value {
  return operation("Transpose", [x], { attributes: { perm: permutation } });
}

export function concat(parts: readonly Value[], axis: number): Value {
  return operation("Concat", parts, { attributes: { axis } });
}

/** Cuts an axis into parts of these sizes. */
export function split<const PartSizes extends readonly number[]>(
  x: Value,
  sizes: PartSizes,
  axis: number,
): { [Part in keyof PartSizes]: Value } {
  const types = sizes.map(() => x.type);
  const parts = operations("Split", [x, integers(x, sizes)], types, { attributes: { axis } });
  return parts as { [Part in keyof PartSizes]: Value };
}

export interface Span {
  axis: number;
  /** First index taken; negative ones count from the end. A value is an int64 vector of one element. */
  start: number | Value;
  /** First index not taken; to the end of the axis when left out. */
  end?: number | Value;
}

const endOfAxis = Number.MAX_SAFE_INTEGER;

export function slice(x: Value, span: Span): Value {
  const { axis, start, end = endOfAxis } = span;
  return operation("Slice", [x, integers(x, start), integers(x, end), integers(x, axis)]);
}

export interface Padding {
  axis: number;
  /** How much is added; a value is an int64 vector of one element. */
  before: number | Value;
  after: number | Value;
  /** Zeros, what is inside the edge, or the edge itself. */
  mode: "constant" | "reflect" | "edge";
}

export function pad(x: Value, { axis, before, after, mode }: Padding): Value {
  const sizes = concat([integers(x, before), integers(x, after)], 0);
  return operation("Pad", [x, sizes, null, integers(x, axis)], { attributes: { mode } });
}

/** Pads the end of the axis, up to the next multiple of a size. */
export function padToMultiple(
  x: Value,
  multiple: number,
  { axis, mode }: Pick<Padding, "axis" | "mode">,
): Value {
  const size = sizeOf(x, axis);
  const whole = multiply(divide(add(size, multiple - 1), multiple), multiple);
  return pad(x, { axis, mode, before: 0, after: unsqueeze(subtract(whole, size), [0]) });
}

/** Slices of `table` along the axis, one for each index (int32 or int64). */
export function gather(table: Value, indices: Operand, axis = 0): Value {
  return operation("Gather", [table, integers(table, indices)], { attributes: { axis } });
}

/** result[..., i, ...] = x[..., indices[..., i, ...], ...] along the axis. */
export function gatherElements(x: Value, indices: Value, axis: number): Value {
  return operation("GatherElements", [x, indices], { attributes: { axis } });
}

/** The integers from 0 up to, not with, the int64 scalar `end`, as elements of `type`. */
export function range(end: Value, type: ElementType = "int64"): Value {
  const { model } = end;
  const integersUpToEnd = operation("Range", [
    model.constant("int64", 0),
    end,
    model.constant("int64", 1),
  ]);
  return type === "int64" ? integersUpToEnd : cast(integersUpToEnd, type);
}
