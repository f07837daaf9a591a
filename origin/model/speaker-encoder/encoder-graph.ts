import type { SpeakerEncoderConfig } from "../checkpoint/model-config.ts";
import type { Model, Value } from "../onnx/graph.ts";
import { concat, squeeze, transpose } from "../onnx/ops/shape.ts";
import { createWeights, type TensorSource } from "../weights.ts";
import { attentivePooling } from "./attentive-pooling.ts";
import { hopSamples, melSpectrogram } from "./mel-spectrogram.ts";
import { residualBlock } from "./residual-block.ts";
import { delayLayer, sameConvolution } from "./same-convolution.ts";

/**
 * The network that hears who speaks (ECAPA-TDNN, Desplanques et al. 2020), its mel spectrogram included.
 *
 * In: `samples` float32 [1, N], mono at the encoder's rate, N at least `shortestSamples`. Out: `xVector` float32 [1, width].
 */
export function buildSpeakerEncoder(
  model: Model,
  source: TensorSource,
  config: SpeakerEncoderConfig,
): void {
  const { enc_dilations: dilations, enc_res2net_scale: groups } = config;
  const weights = createWeights(model, source, { format: "float32", prefix: "speaker_encoder." });
  const samples = model.input("samples", "float32", [1, "samples"]);
  const mel = model.scope("mel", () => melSpectrogram(samples, config));

  let hidden = model.scope("block.0", () =>
    delayLayer(transpose(mel, [0, 2, 1]), weights.under("blocks.0"), dilations[0]),
  );
  const blocks: Value[] = [];
  for (const [index, dilation] of dilations.slice(1, -1).entries()) {
    hidden = model.scope(`block.${index + 1}`, () =>
      residualBlock(hidden, weights.under(`blocks.${index + 1}`), { dilation, groups }),
    );
    blocks.push(hidden);
  }
  const joined = model.scope("aggregation", () =>
    delayLayer(concat(blocks, 1), weights.under("mfa"), dilations.at(-1)),
  );
  const pooled = model.scope("pooling", () => attentivePooling(joined, weights.under("asp")));
  const vector = model.scope("vector", () => sameConvolution(pooled, weights.under("fc")));
  model.output("xVector", squeeze(vector, [2]), [1, config.enc_dim]);
}

/** The shortest recording that can be reflected at its edges everywhere, in samples. */
export function shortestSamples(config: SpeakerEncoderConfig): number {
  const reaches = config.enc_kernel_sizes.map(
    (kernel, index) => ((kernel - 1) * (config.enc_dilations[index] ?? 1)) / 2,
  );
  return (Math.max(...reaches) + 1) * hopSamples;
}
