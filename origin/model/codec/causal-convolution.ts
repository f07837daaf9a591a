import type { Value } from "../onnx/graph.ts";
import { convolve, type Spacing } from "../onnx/ops/convolution.ts";
import { padToMultiple } from "../onnx/ops/shape.ts";
import type { Weights } from "../weights.ts";
import type { StreamState } from "./stream-state.ts";

/**
 * Convolution that sees the present and the past only, for long sequences: x [B, in, T] to [B, out, T / stride]. `weights`
 * hold `weight` [out, in, k] and `bias`. Where T is no multiple of the stride, zeros follow to the next one, so only the
 * last call of a stream may have such a T.
 */
export function causalConvolution(
  x: Value,
  weights: Weights,
  state: StreamState,
  { dilation = 1, stride = 1 }: Spacing = {},
): Value {
  const [outputs = 1, inputs = 1, kernel = 1] = weights.shape("weight");
  const past = (kernel - 1) * dilation + 1 - stride;
  const whole = stride > 1 ? padToMultiple(x, stride, { axis: 2, mode: "constant" }) : x;
  const joined =
    past > 0 ? state.withPast(weights.path, whole, { axis: 2, shape: [inputs, past] }) : whole;
  const weight = weights.tensor("weight", [outputs, inputs, 1, kernel]);
  return convolve(joined, weight, weights.tensor("bias"), { dilation, stride });
}
