import type { Value } from "../graph.ts";
import { operation } from "./operand.ts";
import { squeeze, unsqueeze } from "./shape.ts";

/**
 * Cross-correlation over time without padding: x [B, in, T], weight [out, in, 1, k], bias [out]. It is done as a
 * convolution of images one pixel high, for which ONNX Runtime has the faster kernels on CPUs.
 */
export function convolve(x: Value, weight: Value, bias: Value, dilation: number): Value {
  const image = operation("Conv", [unsqueeze(x, [2]), weight, bias], {
    attributes: { dilations: [1, dilation] },
  });
  return squeeze(image, [2]);
}
