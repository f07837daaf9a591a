// speech_tokenizer/config.json, in the publisher's spelling: the codec that turns waveforms into codes and back.
import * as z from "zod";

const count = z.int().positive();

/** Codes to waveform. */
const decoder = z
  .object({
    latent_dim: count,
    codebook_dim: count.multipleOf(2),
    codebook_size: count,
    num_quantizers: count,
    num_semantic_quantizers: z.literal(1),
    decoder_dim: count,
    hidden_size: count,
    intermediate_size: count,
    num_hidden_layers: count,
    num_attention_heads: count,
    num_key_value_heads: count,
    head_dim: count.multipleOf(2),
    hidden_act: z.literal("silu"),
    attention_bias: z.literal(false),
    rms_norm_eps: z.number().positive(),
    rope_theta: z.number().positive(),
    /** Positions a query sees, itself included. */
    sliding_window: count,
    /** Steps of the transposed convolutions at the end, which halve the channels each. */
    upsample_rates: z.array(count).min(1),
    /** Steps of those between the transformer and the convolutional decoder. */
    upsampling_ratios: z.array(count),
  })
  .refine((config) => config.num_attention_heads === config.num_key_value_heads, {
    path: ["num_key_value_heads"],
    error: "must equal num_attention_heads: the codec's attention has no groups",
  });

/** Waveform to codes: the encoder of Mimi (Défossez et al. 2024). */
const encoder = z.object({
  _frame_rate: z.number().positive(),
  sampling_rate: count,
  audio_channels: count,
  num_filters: count,
  num_residual_layers: count,
  kernel_size: count,
  last_kernel_size: count,
  residual_kernel_size: count,
  compress: count,
  dilation_growth_rate: count,
  use_causal_conv: z.literal(true),
  use_conv_shortcut: z.literal(false),
  pad_mode: z.literal("constant"),
  /** In the order of a decoder; the encoder applies them in reverse. */
  upsampling_ratios: z.array(count).min(1),
  hidden_size: count,
  intermediate_size: count,
  num_hidden_layers: count,
  num_attention_heads: count,
  num_key_value_heads: count,
  head_dim: count.multipleOf(2),
  hidden_act: z.literal("gelu"),
  attention_bias: z.literal(false),
  norm_eps: z.number().positive(),
  rope_theta: z.number().positive(),
  codebook_dim: count,
  codebook_size: count,
  vector_quantization_hidden_dimension: count,
  num_quantizers: count,
  num_semantic_quantizers: z.literal(1),
});

export const codecConfig = z
  .object({
    model_type: z.literal("qwen3_tts_tokenizer_12hz"),
    input_sample_rate: count,
    output_sample_rate: count,
    /** Samples per frame of codes. */
    decode_upsample_rate: count,
    encode_downsample_rate: count,
    encoder_valid_num_quantizers: count,
    decoder_config: decoder,
    encoder_config: encoder,
  })
  .refine(
    ({ decoder_config: { upsample_rates, upsampling_ratios }, decode_upsample_rate }) =>
      product([...upsample_rates, ...upsampling_ratios]) === decode_upsample_rate,
    { path: ["decode_upsample_rate"], error: "must be the product of the decoder's steps" },
  );

export type CodecConfig = z.infer<typeof codecConfig>;
export type CodecDecoderConfig = z.infer<typeof decoder>;
export type CodecEncoderConfig = z.infer<typeof encoder>;

function product(factors: readonly number[]): number {
  return factors.reduce((total, factor) => total * factor, 1);
}
