import type { CodecDecoderConfig } from "../checkpoint/codec-config.ts";
import { residualUnits } from "./decoder-block.ts";

/** Of every convolution that is not pointwise: a step sees so many before it, times its dilation. */
const stepsBack = 6;

/**
 * How many frames before it the convolutions behind the transformer need to make a frame's sound: 10 with the published
 * configuration. The transformer needs more.
 */
export function convolutionReach({
  upsampling_ratios,
  upsample_rates,
}: CodecDecoderConfig): number {
  let stepsPerFrame = 1;
  let frames = 0;
  for (const ratio of upsampling_ratios) {
    stepsPerFrame *= ratio;
    frames += stepsBack / stepsPerFrame;
  }
  frames += stepsBack / stepsPerFrame;
  const dilations = residualUnits.reduce((sum, { dilation }) => sum + dilation, 0);
  for (const rate of upsample_rates) {
    // A transposed convolution sees the step before.
    frames += 1 / stepsPerFrame;
    stepsPerFrame *= rate;
    frames += (stepsBack * dilations) / stepsPerFrame;
  }
  return Math.ceil(frames + stepsBack / stepsPerFrame);
}
