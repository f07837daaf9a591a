import type { Value } from "../graph.ts";
import { multiply } from "./arithmetic.ts";
import { operation } from "./operand.ts";

/** x · sigmoid(x), also called swish. ONNX Runtime fuses the pair into one kernel. */
export function silu(x: Value): Value {
  return multiply(x, operation("Sigmoid", [x]));
}

/** The exact one, by the error function. */
export function gelu(x: Value): Value {
  return operation("Gelu", [x]);
}

export function softmax(x: Value, axis = -1): Value {
  return operation("Softmax", [x], { attributes: { axis } });
}
