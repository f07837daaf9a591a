import type { Value } from "../onnx/graph.ts";
import { add } from "../onnx/ops/arithmetic.ts";
import { transpose } from "../onnx/ops/shape.ts";
import type { Weights } from "../weights.ts";
import { causalConvolution } from "./causal-convolution.ts";
import { upsampleRows } from "./causal-rows.ts";
import { snake } from "./snake.ts";
import type { StreamState } from "./stream-state.ts";

export const residualUnits = [
  { name: "2", dilation: 1 },
  { name: "3", dilation: 3 },
  { name: "4", dilation: 9 },
];

/** x [B, C, T] to [B, C / 2, rate · T]: upsampling and three residual units of growing reach. */
export function decoderBlock(x: Value, weights: Weights, state: StreamState, rate: number): Value {
  const rows = transpose(snake(x, weights.under("0")), [0, 2, 1]);
  const upsampled = upsampleRows(rows, weights.under("1.conv"), state, rate);
  return residualUnits.reduce(
    (hidden, { name, dilation }) => residualUnit(hidden, weights.under(name), state, dilation),
    transpose(upsampled, [0, 2, 1]),
  );
}

function residualUnit(x: Value, weights: Weights, state: StreamState, dilation: number): Value {
  const reaching = causalConvolution(
    snake(x, weights.under("act1")),
    weights.under("conv1.conv"),
    state,
    { dilation },
  );
  const mixed = causalConvolution(
    snake(reaching, weights.under("act2")),
    weights.under("conv2.conv"),
    state,
  );
  return add(x, mixed);
}
