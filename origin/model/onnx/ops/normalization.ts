import type { Value } from "../graph.ts";
import { operation, operations } from "./operand.ts";

/** x / sqrt(mean(x²) + epsilon) · weight over the last axis, statistics in float32 (Zhang and Sennrich 2019). */
export function rmsNorm(x: Value, weight: Value, epsilon: number): Value {
  return operation("SimplifiedLayerNormalization", [x, weight], {
    attributes: { axis: -1, epsilon: { float: epsilon } },
  });
}

/** x + y, and the `rmsNorm` of that in the same pass: float32, of the same shape and rank 3 (ONNX Runtime's own operator). */
export function addAndRmsNorm(
  x: Value,
  y: Value,
  weight: Value,
  epsilon: number,
): { sum: Value; normed: Value } {
  const { type } = x;
  // Mean and deviation, which are for training and never made, come before the sum.
  const types = [type, "float32", "float32", type] as const;
  const [normed, , , sum] = operations("SkipSimplifiedLayerNormalization", [x, y, weight], types, {
    domain: "com.microsoft",
    attributes: { epsilon: { float: epsilon } },
  });
  if (!normed || !sum) throw new Error("a node has as many results as it was given types");
  return { sum, normed };
}

/** (x - mean) / sqrt(variance + epsilon) · weight + bias over the last axis (Ba et al. 2016). */
export function layerNorm(x: Value, weight: Value, bias: Value, epsilon: number): Value {
  return operation("LayerNormalization", [x, weight, bias], {
    attributes: { axis: -1, epsilon: { float: epsilon } },
  });
}
