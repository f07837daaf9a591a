import type { Value } from "../onnx/graph.ts";
import { linear } from "../onnx/linear.ts";
import { gelu } from "../onnx/ops/activation.ts";
import { add, multiply } from "../onnx/ops/arithmetic.ts";
import { layerNorm } from "../onnx/ops/normalization.ts";
import type { Weights } from "../weights.ts";
import { convolveRowsDepthwise, upsampleRows } from "./causal-rows.ts";
import type { StreamState } from "./stream-state.ts";

/** Of the official code; the configuration does not carry it. */
const layerNormEpsilon = 1e-6;

/** x [B, T, C] to [B, ratio · T, C]: each step becomes `ratio` steps, then a ConvNeXt block (Liu et al. 2022). */
export function upsample(x: Value, weights: Weights, state: StreamState, ratio: number): Value {
  const longer = upsampleRows(x, weights.under("0.conv"), state, ratio);
  return add(longer, convNext(longer, weights.under("1"), state));
}

function convNext(x: Value, weights: Weights, state: StreamState): Value {
  const normed = layerNorm(
    convolveRowsDepthwise(x, weights.under("dwconv.conv"), state),
    weights.tensor("norm.weight"),
    weights.tensor("norm.bias"),
    layerNormEpsilon,
  );
  const inner = gelu(
    linear(normed, weights.matrix("pwconv1.weight"), weights.tensor("pwconv1.bias")),
  );
  const outer = linear(inner, weights.matrix("pwconv2.weight"), weights.tensor("pwconv2.bias"));
  return multiply(outer, weights.tensor("gamma"));
}
