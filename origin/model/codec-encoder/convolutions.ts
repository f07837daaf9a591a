import type { CodecEncoderConfig } from "../checkpoint/codec-config.ts";
import { causalConvolution } from "../codec/causal-convolution.ts";
import type { StreamState } from "../codec/stream-state.ts";
import type { Value } from "../onnx/graph.ts";
import { elu } from "../onnx/ops/activation.ts";
import { add } from "../onnx/ops/arithmetic.ts";
import type { Weights } from "../weights.ts";

/**
 * A waveform x [B, channels, samples] to features [B, hidden size, T], a step of them for as many samples as the ratios
 * multiply to (SEANet, Tagliasacchi et al. 2020). `weights` hold the members of one list: a convolution, then for each ratio
 * residual units, an activation and a strided convolution, then an activation and the last convolution.
 */
export function convolveWaveform(
  x: Value,
  weights: Weights,
  state: StreamState,
  config: CodecEncoderConfig,
): Value {
  let member = 0;
  const convolution = (input: Value, stride: number) =>
    causalConvolution(input, weights.under(`${member}.conv`), state, { stride });

  let hidden = convolution(x, 1);
  member++;
  for (const ratio of config.upsampling_ratios.toReversed()) {
    for (let unit = 0; unit < config.num_residual_layers; unit++, member++) {
      const dilation = config.dilation_growth_rate ** unit;
      hidden = residualUnit(hidden, weights.under(`${member}.block`), state, dilation);
    }
    member++;
    hidden = convolution(elu(hidden), ratio);
    member++;
  }
  member++;
  return convolution(elu(hidden), 1);
}

function residualUnit(x: Value, weights: Weights, state: StreamState, dilation: number): Value {
  const inner = causalConvolution(elu(x), weights.under("1.conv"), state, { dilation });
  return add(x, causalConvolution(elu(inner), weights.under("3.conv"), state));
}
