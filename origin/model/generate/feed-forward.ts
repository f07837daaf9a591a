import type { Value } from "../onnx/graph.ts";
import { linear } from "../onnx/linear.ts";
import { silu } from "../onnx/ops/activation.ts";
import { cast, multiply } from "../onnx/ops/arithmetic.ts";
import { split } from "../onnx/ops/shape.ts";
import type { Weights } from "../weights.ts";

/**
 * How much smaller the product of gate and up enters float16: it reaches twice the largest float16 in the code predictor
 * of the 0.6B models (llama.cpp pull request 28231). A power of two, so that the way there and back rounds nothing.
 */
const productScale = 32;

/**
 * SwiGLU (Shazeer 2020), x [..., H] to [..., H] with `width` in between. The result of float16 weights is float32: it
 * goes into the residual stream.
 */
export function feedForward(x: Value, weights: Weights, width: number): Value {
  const both = linear(x, weights.matrix("gate_proj.weight", "up_proj.weight"));
  const [gate, up] = split(both, [width, width], -1);
  const down = weights.matrix("down_proj.weight");
  if (both.type === "float32") return linear(multiply(silu(gate), up), down);

  const product = multiply(silu(cast(gate, "float32")), cast(up, "float32"));
  const scaled = cast(multiply(product, 1 / productScale), both.type);
  return multiply(cast(linear(scaled, down), "float32"), productScale);
}
