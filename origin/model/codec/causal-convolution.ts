import type { Value } from "../onnx/graph.ts";
import { convolve } from "../onnx/ops/convolution.ts";
import type { Weights } from "../weights.ts";
import type { StreamState } from "./stream-state.ts";

/**
 * Convolution that sees the present and the past only, for long sequences: x [B, in, T] to [B, out, T]. `weights` hold
 * `weight` [out, in, k] and `bias`.
 */
export function causalConvolution(
  x: Value,
  weights: Weights,
  state: StreamState,
  dilation = 1,
): Value {
  const [outputs = 1, inputs = 1, kernel = 1] = weights.shape("weight");
  const past = (kernel - 1) * dilation;
  const joined = past > 0 ? state.withPast(weights.path, x, { axis: 2, shape: [inputs, past] }) : x;
  const weight = weights.tensor("weight", [outputs, inputs, 1, kernel]);
  return convolve(joined, weight, weights.tensor("bias"), dilation);
}
