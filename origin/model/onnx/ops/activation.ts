import type { Value } from "../graph.ts";
import { multiply } from "./arithmetic.ts";
import { operation } from "./operand.ts";

export function sigmoid(x: Value): Value {
  return operation("Sigmoid", [x]);
}

/** x · sigmoid(x). ONNX Runtime fuses the pair into one kernel. */
export function silu(x: Value): Value {
  return multiply(x, sigmoid(x));
}

/** The exact one, by the error function. */
export function gelu(x: Value): Value {
  return operation("Gelu", [x]);
}

export function softmax(x: Value, axis = -1): Value {
  return operation("Softmax", [x], { attributes: { axis } });
}
