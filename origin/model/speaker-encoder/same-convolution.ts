import type { Value } from "../onnx/graph.ts";
import { relu } from "../onnx/ops/activation.ts";
import { convolve } from "../onnx/ops/convolution.ts";
import { pad } from "../onnx/ops/shape.ts";
import type { Weights } from "../weights.ts";

/**
 * Convolution that keeps the length: x [B, in, T] to [B, out, T], with the sound reflected at its edges, so T must be above
 * half of the kernel's reach. `weights` hold `weight` [out, in, k], k odd, and `bias`.
 */
export function sameConvolution(x: Value, weights: Weights, dilation = 1): Value {
  const [outputs = 1, inputs = 1, kernel = 1] = weights.shape("weight");
  const reach = ((kernel - 1) * dilation) / 2;
  const padded = reach > 0 ? pad(x, { axis: 2, before: reach, after: reach, mode: "reflect" }) : x;
  const weight = weights.tensor("weight", [outputs, inputs, 1, kernel]);
  return convolve(padded, weight, weights.tensor("bias"), { dilation });
}

/** A convolution under `conv` and what is above 0 of it (a TDNN layer). */
export function delayLayer(x: Value, weights: Weights, dilation = 1): Value {
  return relu(sameConvolution(x, weights.under("conv"), dilation));
}
