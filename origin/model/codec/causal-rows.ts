// Causal layers where the sequence is short and the channels are many: up to four steps per frame and a thousand
// channels. There a convolution is faster as a product of matrices, in which a step is a row that holds its whole
// neighbourhood.
import type { Value } from "../onnx/graph.ts";
import { linear } from "../onnx/linear.ts";
import { add, multiply } from "../onnx/ops/arithmetic.ts";
import { reduceSum } from "../onnx/ops/reduction.ts";
import { concat, reshape, slice } from "../onnx/ops/shape.ts";
import { permute } from "../permute.ts";
import type { Weights } from "../weights.ts";
import type { StreamState } from "./stream-state.ts";

/** Causal convolution: x [B, T, in] to [B, T, out]. `weights` hold `weight` [out, in, k] and `bias`. */
export function convolveRows(x: Value, weights: Weights, state: StreamState): Value {
  const [outputs = 1, inputs = 1, kernel = 1] = weights.shape("weight");
  const taps = weights.derivedMatrix("taps", [outputs, kernel * inputs], (read) =>
    permute(read("weight"), [outputs, inputs, kernel], [0, 2, 1]),
  );
  return linear(
    neighbourhoods(x, weights.path, state, inputs, oldestFirst(kernel)),
    taps,
    weights.tensor("bias"),
  );
}

/** Each channel convolved on its own: x [B, T, channels], `weight` [channels, 1, k] and `bias`. */
export function convolveRowsDepthwise(x: Value, weights: Weights, state: StreamState): Value {
  const [channels = 1, , kernel = 1] = weights.shape("weight");
  const taps = weights.derived("taps", [kernel, channels], (read) =>
    permute(read("weight"), [channels, 1, kernel], [2, 1, 0]),
  );
  const joined = neighbourhoods(x, weights.path, state, channels, oldestFirst(kernel));
  const steps = reshape(joined, [0, 0, kernel, channels]);
  return add(reduceSum(multiply(steps, taps), [2]), weights.tensor("bias"));
}

/**
 * Transposed convolution cut to its causal part: x [B, T, in] to [B, rate · T, out]. `weights` hold `weight`
 * [in, out, k] and `bias`. With k = 2 · rate, a step reaches its own `rate` steps of the result and the `rate` after
 * them, so each `rate` steps of the result are a linear function of a step and the one before.
 */
export function upsampleRows(x: Value, weights: Weights, state: StreamState, rate: number): Value {
  const [inputs = 1, outputs = 1, kernel = 1] = weights.shape("weight");
  const reach = kernel / rate;
  const taps = weights.derivedMatrix("taps", [rate * outputs, reach * inputs], (read) =>
    permute(read("weight"), [inputs, outputs, reach, rate], [3, 1, 2, 0]),
  );
  const phases = linear(neighbourhoods(x, weights.path, state, inputs, newestFirst(reach)), taps);
  return add(reshape(phases, [0, -1, outputs]), weights.tensor("bias"));
}

/** The order in which the taps of a convolution are stored. */
const oldestFirst = (taps: number) => newestFirst(taps).reverse();
/** That of a transposed convolution. */
const newestFirst = (taps: number) => Array.from({ length: taps }, (_, lag) => lag);

/**
 * [B, T, channels] to [B, T, lags · channels]: of each row the rows that many steps before it, side by side.
 * One of the lags is 0.
 */
function neighbourhoods(
  x: Value,
  name: string,
  state: StreamState,
  channels: number,
  lags: readonly number[],
): Value {
  const past = Math.max(...lags);
  if (past === 0) return x;
  const joined = state.withPast(name, x, { axis: 1, shape: [past, channels] });
  const shifted = lags.map((lag) => {
    const start = past - lag;
    return slice(joined, lag > 0 ? { axis: 1, start, end: -lag } : { axis: 1, start });
  });
  return concat(shifted, 2);
}
