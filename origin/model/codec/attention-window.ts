// Sliding-window attention over a fixed number of past columns. Queries and keys are rotated by their places among the
// columns at hand instead of their positions in the stream: the rotation is relative, so the result is the same, and
// the angles stay small however long the stream is.
import type { CodecDecoderConfig } from "../checkpoint/codec-config.ts";
import type { Value } from "../onnx/graph.ts";
import {
  add,
  and,
  cast,
  cosine,
  greaterOrEqual,
  lessOrEqual,
  minimum,
  multiply,
  sine,
  subtract,
  where,
} from "../onnx/ops/arithmetic.ts";
import type { RotaryTable } from "../onnx/ops/attention.ts";
import { range, sizeOf, unsqueeze } from "../onnx/ops/shape.ts";
import type { StateTensor, StreamState } from "./stream-state.ts";

export interface Window {
  /** Added to scores [B, heads, T, past + T]: 0 where a query sees a key, else minus infinity. */
  mask: Value;
  rotary: RotaryTable;
  /** Places of the first key and the first query, for `rotate`. */
  firstKey: Value;
  firstQuery: Value;
}

/** How many of the past columns are of the stream and not zeros from before its beginning. */
const filled: StateTensor = { name: "filled", type: "int64", shape: [] };

/** The window around the T columns of x [B, T, ...]. */
export function createWindow(x: Value, state: StreamState, config: CodecDecoderConfig): Window {
  const { model } = x;
  const past = config.sliding_window - 1;
  const newColumns = sizeOf(x, 1);
  const keyPlace = range(add(newColumns, past));
  const queryPlace = add(range(newColumns), past);

  const filledBefore = state.previous(filled);
  state.next(filled, minimum(add(filledBefore, newColumns), past));
  const firstFilled = unsqueeze(subtract(past, filledBefore), [1, 2, 3]);

  const distance = subtract(unsqueeze(queryPlace, [1]), keyPlace);
  const inWindow = and(greaterOrEqual(distance, 0), lessOrEqual(distance, past));
  const visible = and(inWindow, greaterOrEqual(keyPlace, firstFilled));
  const nothing = model.constant("float32", 0);

  return {
    mask: where(visible, nothing, Number.NEGATIVE_INFINITY),
    rotary: rotaryTable(keyPlace, config),
    firstKey: model.constant("int64", [0]),
    firstQuery: model.constant("int64", [past]),
  };
}

/** Angles of places 0, 1, ...: place · theta^(-2i / head_dim). */
function rotaryTable(places: Value, config: CodecDecoderConfig): RotaryTable {
  const { head_dim, rope_theta } = config;
  const frequencies = Array.from(
    { length: head_dim / 2 },
    (_, index) => rope_theta ** ((-2 * index) / head_dim),
  );
  const angles = multiply(unsqueeze(cast(places, "float32"), [1]), frequencies);
  return { cosines: cosine(angles), sines: sine(angles) };
}
