import type { Value } from "../graph.ts";
import { operation } from "./operand.ts";

/** x / sqrt(mean(x²) + epsilon) · weight over the last axis, statistics in float32 (Zhang and Sennrich 2019). */
export function rmsNorm(x: Value, weight: Value, epsilon: number): Value {
  return operation("SimplifiedLayerNormalization", [x, weight], {
    attributes: { axis: -1, epsilon: { float: epsilon } },
  });
}

/** (x - mean) / sqrt(variance + epsilon) · weight + bias over the last axis (Ba et al. 2016). */
export function layerNorm(x: Value, weight: Value, bias: Value, epsilon: number): Value {
  return operation("LayerNormalization", [x, weight, bias], {
    attributes: { axis: -1, epsilon: { float: epsilon } },
  });
}
