import type { Value } from "../graph.ts";
import { multiply } from "./arithmetic.ts";
import { operation } from "./operand.ts";

export function relu(x: Value): Value {
  return operation("Relu", [x]);
}

/** x above 0, else exp(x) - 1 (Clevert et al. 2016). */
export function elu(x: Value): Value {
  return operation("Elu", [x]);
}

export function tanh(x: Value): Value {
  return operation("Tanh", [x]);
}

export function sigmoid(x: Value): Value {
  return operation("Sigmoid", [x]);
}

/** x · sigmoid(x), also called swish. ONNX Runtime fuses the pair into one kernel. */
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
