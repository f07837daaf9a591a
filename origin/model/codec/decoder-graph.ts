import type { CodecDecoderConfig } from "../checkpoint/codec-config.ts";
import type { Model } from "../onnx/graph.ts";
import { clamp } from "../onnx/ops/arithmetic.ts";
import { slice, squeeze, transpose } from "../onnx/ops/shape.ts";
import { createWeights, type TensorSource } from "../weights.ts";
import { causalConvolution } from "./causal-convolution.ts";
import { convolveRows } from "./causal-rows.ts";
import { decoderBlock } from "./decoder-block.ts";
import { dequantize } from "./dequantize.ts";
import { snake } from "./snake.ts";
import { createStreamState } from "./stream-state.ts";
import { transform } from "./transformer.ts";
import { upsample } from "./upsampler.ts";

export interface DecoderOptions {
  /** Whether calls may leave frames without sound, of which only what comes after them is wanted. */
  skipsFrames?: boolean;
}

/** The input that says how many frames at the beginning of a call have no sound: int64 [1]. */
export const skippedFrames = "skipped_frames";

/**
 * The codec's decoder as a stream: any number of new frames per call, and what a stream keeps between calls as inputs
 * and outputs (`codecState`). The calls' results joined are the result of one call over all frames.
 *
 * In: `codes` int64 [B, T, codebooks], `state.*`. Out: `wave` float32 [B, T · samples per frame] in [-1, 1], `next.*`.
 * With `skipsFrames`, also `skipped_frames`: so many frames pass the transformer alone, which is the least part of the work.
 * The streams of a batch advance by the same number of frames but may have begun at different times.
 */
export function buildCodecDecoder(
  model: Model,
  source: TensorSource,
  config: CodecDecoderConfig,
  { skipsFrames = false }: DecoderOptions = {},
): void {
  const weights = createWeights(model, source, { format: "float32", prefix: "decoder." });
  const state = createStreamState(model);
  const codes = model.input("codes", "int64", ["batch", "frames", config.num_quantizers]);

  const latents = model.scope("dequantize", () =>
    dequantize(codes, weights.under("quantizer"), config),
  );
  const local = model.scope("pre_conv", () =>
    convolveRows(latents, weights.under("pre_conv.conv"), state),
  );
  let rows = model.scope("transformer", () =>
    transform(local, weights.under("pre_transformer"), state, config),
  );
  if (skipsFrames) {
    rows = slice(rows, { axis: 1, start: model.input(skippedFrames, "int64", [1]) });
  }
  config.upsampling_ratios.forEach((ratio, index) => {
    rows = model.scope(`upsample.${index}`, () =>
      upsample(rows, weights.under(`upsample.${index}`), state, ratio),
    );
  });
  rows = model.scope("decoder.0", () => convolveRows(rows, weights.under("decoder.0.conv"), state));

  let wave = transpose(rows, [0, 2, 1]);
  config.upsample_rates.forEach((rate, index) => {
    wave = model.scope(`decoder.${index + 1}`, () =>
      decoderBlock(wave, weights.under(`decoder.${index + 1}.block`), state, rate),
    );
  });
  const last = config.upsample_rates.length + 1;
  const samples = model.scope("samples", () =>
    causalConvolution(
      snake(wave, weights.under(`decoder.${last}`)),
      weights.under(`decoder.${last + 1}.conv`),
      state,
    ),
  );
  model.output("wave", clamp(squeeze(samples, [1]), -1, 1), ["batch", "samples"]);
}
