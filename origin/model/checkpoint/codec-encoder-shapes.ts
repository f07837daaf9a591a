import type { CodecEncoderConfig } from "./codec-config.ts";
import { biased, each, type Shapes, under } from "./shapes.ts";

/** The codec's tensors that turn a waveform into codes. */
export function codecEncoderShapes(config: CodecEncoderConfig): Shapes {
  const { hidden_size, intermediate_size } = config;
  const heads = config.num_attention_heads * config.head_dim;
  const keys = config.num_key_value_heads * config.head_dim;
  const steps = config.upsampling_ratios.reduce((product, ratio) => product * ratio, 1);
  const downsampling = config.sampling_rate / steps / config._frame_rate;
  return {
    ...encoderConvolutionShapes(config),
    ...each("encoder_transformer.layers", config.num_hidden_layers, () => ({
      ...biased("input_layernorm", [hidden_size]),
      "self_attn.q_proj.weight": [heads, hidden_size],
      "self_attn.k_proj.weight": [keys, hidden_size],
      "self_attn.v_proj.weight": [keys, hidden_size],
      "self_attn.o_proj.weight": [hidden_size, heads],
      "self_attn_layer_scale.scale": [hidden_size],
      ...biased("post_attention_layernorm", [hidden_size]),
      "mlp.fc1.weight": [intermediate_size, hidden_size],
      "mlp.fc2.weight": [hidden_size, intermediate_size],
      "mlp_layer_scale.scale": [hidden_size],
    })),
    "downsample.conv.weight": [hidden_size, hidden_size, 2 * downsampling],
    ...under(
      "quantizer.semantic_residual_vector_quantizer",
      encoderQuantizerShapes(config, config.num_semantic_quantizers),
    ),
    ...under(
      "quantizer.acoustic_residual_vector_quantizer",
      encoderQuantizerShapes(config, config.num_quantizers - config.num_semantic_quantizers),
    ),
  };
}

/** Members of one list: a convolution, then per step residual units, an activation and a strided convolution. */
function encoderConvolutionShapes(config: CodecEncoderConfig): Shapes {
  const shapes: Shapes[] = [];
  let member = 0;
  const convolution = (outputs: number, inputs: number, kernel: number) =>
    shapes.push(biased(`encoder.layers.${member}.conv`, [outputs, inputs, kernel]));

  let channels = config.num_filters;
  convolution(channels, config.audio_channels, config.kernel_size);
  member++;
  for (const ratio of config.upsampling_ratios.toReversed()) {
    const inner = Math.floor(channels / config.compress);
    for (let unit = 0; unit < config.num_residual_layers; unit++, member++) {
      const block = `encoder.layers.${member}.block`;
      shapes.push(biased(`${block}.1.conv`, [inner, channels, config.residual_kernel_size]));
      shapes.push(biased(`${block}.3.conv`, [channels, inner, 1]));
    }
    member++;
    convolution(2 * channels, channels, 2 * ratio);
    member++;
    channels *= 2;
  }
  member++;
  convolution(config.hidden_size, channels, config.last_kernel_size);
  return Object.assign({}, ...shapes);
}

function encoderQuantizerShapes(config: CodecEncoderConfig, codebooks: number): Shapes {
  const width = config.vector_quantization_hidden_dimension;
  return {
    "input_proj.weight": [width, config.hidden_size, 1],
    "output_proj.weight": [config.hidden_size, width, 1],
    ...each("layers", codebooks, () => ({
      "codebook.cluster_usage": [config.codebook_size],
      "codebook.embed_sum": [config.codebook_size, config.codebook_dim],
      "codebook.initialized": [1],
    })),
  };
}
