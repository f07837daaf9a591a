import type { CodecDecoderConfig } from "./codec-config.ts";
import { biased, each, type Shapes, under } from "./shapes.ts";

/** The codec's tensors that turn codes into a waveform. */
export function codecDecoderShapes(config: CodecDecoderConfig): Shapes {
  const { latent_dim, decoder_dim, upsample_rates, upsampling_ratios } = config;
  const last = upsample_rates.length + 1;
  const lastChannels = decoder_dim / 2 ** upsample_rates.length;
  return {
    ...under("quantizer.rvq_first", quantizerShapes(config, config.num_semantic_quantizers)),
    ...under(
      "quantizer.rvq_rest",
      quantizerShapes(config, config.num_quantizers - config.num_semantic_quantizers),
    ),
    ...biased("pre_conv.conv", [latent_dim, config.codebook_dim, 3]),
    ...under("pre_transformer", decoderTransformerShapes(config)),
    ...each("upsample", upsampling_ratios.length, (index) => ({
      ...under("0.conv", {
        weight: [latent_dim, latent_dim, upsampling_ratios[index] ?? 1],
        bias: [latent_dim],
      }),
      ...biased("1.dwconv.conv", [latent_dim, 1, 7]),
      ...biased("1.norm", [latent_dim]),
      ...biased("1.pwconv1", [4 * latent_dim, latent_dim]),
      ...biased("1.pwconv2", [latent_dim, 4 * latent_dim]),
      "1.gamma": [latent_dim],
    })),
    ...biased("decoder.0.conv", [decoder_dim, latent_dim, 7]),
    ...Object.assign(
      {},
      ...upsample_rates.map((rate, index) =>
        under(`decoder.${index + 1}.block`, decoderBlockShapes(decoder_dim / 2 ** index, rate)),
      ),
    ),
    ...under(`decoder.${last}`, snakeShapes(lastChannels)),
    ...biased(`decoder.${last + 1}.conv`, [1, lastChannels, 7]),
  };
}

function quantizerShapes(config: CodecDecoderConfig, codebooks: number): Shapes {
  const width = config.codebook_dim / 2;
  return {
    "input_proj.weight": [width, config.codebook_dim, 1],
    "output_proj.weight": [config.codebook_dim, width, 1],
    ...each("vq.layers", codebooks, () => ({
      "_codebook.cluster_usage": [config.codebook_size],
      "_codebook.embedding_sum": [config.codebook_size, width],
    })),
  };
}

function decoderTransformerShapes(config: CodecDecoderConfig): Shapes {
  const { hidden_size, intermediate_size, latent_dim } = config;
  const heads = config.num_attention_heads * config.head_dim;
  return {
    ...biased("input_proj", [hidden_size, latent_dim]),
    ...each("layers", config.num_hidden_layers, () => ({
      "input_layernorm.weight": [hidden_size],
      "self_attn.q_proj.weight": [heads, hidden_size],
      "self_attn.k_proj.weight": [heads, hidden_size],
      "self_attn.v_proj.weight": [heads, hidden_size],
      "self_attn.o_proj.weight": [hidden_size, heads],
      "self_attn_layer_scale.scale": [hidden_size],
      "post_attention_layernorm.weight": [hidden_size],
      "mlp.gate_proj.weight": [intermediate_size, hidden_size],
      "mlp.up_proj.weight": [intermediate_size, hidden_size],
      "mlp.down_proj.weight": [hidden_size, intermediate_size],
      "mlp_layer_scale.scale": [hidden_size],
    })),
    "norm.weight": [hidden_size],
    ...biased("output_proj", [latent_dim, hidden_size]),
  };
}

function decoderBlockShapes(inputs: number, rate: number): Shapes {
  const outputs = inputs / 2;
  const residualUnit: Shapes = {
    ...under("act1", snakeShapes(outputs)),
    ...biased("conv1.conv", [outputs, outputs, 7]),
    ...under("act2", snakeShapes(outputs)),
    ...biased("conv2.conv", [outputs, outputs, 1]),
  };
  return {
    ...under("0", snakeShapes(inputs)),
    ...under("1.conv", { weight: [inputs, outputs, 2 * rate], bias: [outputs] }),
    ...under("2", residualUnit),
    ...under("3", residualUnit),
    ...under("4", residualUnit),
  };
}

function snakeShapes(channels: number): Shapes {
  return { alpha: [channels], beta: [channels] };
}
