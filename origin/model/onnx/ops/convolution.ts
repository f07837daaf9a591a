import type { Value } from "../graph.ts";
import { operation } from "./operand.ts";
import { squeeze, unsqueeze } from "./shape.ts";

export interface Spacing {
  /** Between the taps of the kernel. */
  dilation?: number;
  /** Between the places at which it is applied. */
  stride?: number;
}

/**
 * Cross-correlation over time without padding: x [B, in, T], weight [out, in, 1, k], bias [out] or none. It is done as a
 * convolution of images one pixel high, for which ONNX Runtime has the faster kernels on CPUs.
 */
export function convolve(
  x: Value,
  weight: Value,
  bias: Value | null,
  { dilation = 1, stride = 1 }: Spacing = {},
): Value {
  const strides = stride === 1 ? {} : { strides: [1, stride] };
  const image = operation("Conv", [unsqueeze(x, [2]), weight, bias], {
    attributes: { dilations: [1, dilation], ...strides },
  });
  return squeeze(image, [2]);
}
