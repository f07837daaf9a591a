import type { Value } from "../graph.ts";
import { operation } from "./operand.ts";

export interface ConvolutionOptions {
  stride?: number;
  dilation?: number;
  groups?: number;
  /** Zeros added at the start and the end of the time axis. */
  padding?: readonly [number, number];
}

/** Cross-correlation over time: x [B, in, T], weight [out, in / groups, k], bias [out]. */
export function convolve(
  x: Value,
  weight: Value,
  bias: Value | null,
  options: ConvolutionOptions = {},
): Value {
  return operation("Conv", [x, weight, bias], { attributes: attributesOf(options) });
}

/** Transposed convolution: x [B, in, T], weight [in, out, k]. `padding` takes samples off the ends of the result. */
export function convolveTransposed(
  x: Value,
  weight: Value,
  bias: Value | null,
  options: ConvolutionOptions = {},
): Value {
  return operation("ConvTranspose", [x, weight, bias], { attributes: attributesOf(options) });
}

function attributesOf(options: ConvolutionOptions) {
  const { stride = 1, dilation = 1, groups = 1, padding = [0, 0] } = options;
  return { strides: [stride], dilations: [dilation], group: groups, pads: padding };
}
