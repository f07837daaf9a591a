// config.json of a Qwen3-TTS checkpoint, in the publisher's spelling. Only what the graphs depend on is read; a value
// that would change the mathematics in a way the graphs do not follow is refused here.
import * as z from "zod";

const count = z.int().positive();
const tokenId = z.int().nonnegative();

/** What the talker and the code predictor have in common: a Qwen3 decoder. */
const decoder = z.object({
  hidden_size: count,
  intermediate_size: count,
  num_hidden_layers: count,
  num_attention_heads: count,
  num_key_value_heads: count,
  /** Explicit: heads · head_dim need not be hidden_size. */
  head_dim: count.multipleOf(2),
  hidden_act: z.literal("silu"),
  rms_norm_eps: z.number().positive(),
  rope_theta: z.number().positive(),
  max_position_embeddings: count,
  attention_bias: z.literal(false),
  use_sliding_window: z.literal(false),
  vocab_size: count,
  num_code_groups: count,
});

/**
 * The three position rows of the multimodal rotary embedding are equal for speech, so its sections do not matter;
 * another `rope_type` would scale the angles.
 */
const ropeScaling = z.object({ rope_type: z.literal("default") }).nullable();

const talker = decoder.extend({
  rope_scaling: ropeScaling,
  text_vocab_size: count,
  text_hidden_size: count,
  codec_pad_id: tokenId,
  codec_bos_id: tokenId,
  codec_eos_token_id: tokenId,
  codec_think_id: tokenId,
  codec_nothink_id: tokenId,
  codec_think_bos_id: tokenId,
  codec_think_eos_id: tokenId,
  /** Ids by language name, dialects among them. */
  codec_language_id: z.record(z.string(), tokenId),
  /** Ids by speaker name; empty for models without preset speakers. */
  spk_id: z.record(z.string(), tokenId),
  /** The dialect a speaker speaks by nature, by its language name. */
  spk_is_dialect: z.record(z.string(), z.union([z.literal(false), z.string()])),
  code_predictor_config: decoder.extend({ rope_scaling: ropeScaling }),
});

/** An ECAPA-TDNN; the published files leave all but the width to the defaults of the official code. */
const speakerEncoder = z.object({
  enc_dim: count,
  sample_rate: count,
  mel_dim: count.default(128),
  enc_channels: z.array(count).length(5).default([512, 512, 512, 512, 1536]),
  enc_kernel_sizes: z.array(count).length(5).default([5, 3, 3, 3, 1]),
  enc_dilations: z.array(count).length(5).default([1, 2, 3, 4, 1]),
  enc_attention_channels: count.default(128),
  enc_res2net_scale: count.default(8),
  enc_se_channels: count.default(128),
});

export const modelConfig = z
  .object({
    model_type: z.literal("qwen3_tts"),
    tokenizer_type: z.literal("qwen3_tts_tokenizer_12hz"),
    tts_model_type: z.enum(["custom_voice", "voice_design", "base"]),
    tts_model_size: z.string(),
    im_start_token_id: tokenId,
    im_end_token_id: tokenId,
    assistant_token_id: tokenId,
    tts_pad_token_id: tokenId,
    tts_bos_token_id: tokenId,
    tts_eos_token_id: tokenId,
    talker_config: talker,
    speaker_encoder_config: speakerEncoder.optional(),
  })
  .refine(
    ({ tts_model_type, speaker_encoder_config }) =>
      tts_model_type !== "base" || speaker_encoder_config,
    {
      path: ["speaker_encoder_config"],
      error: "a base model must have one",
    },
  )
  .refine(
    ({ speaker_encoder_config: encoder, talker_config }) =>
      !encoder || encoder.enc_dim === talker_config.hidden_size,
    {
      path: ["speaker_encoder_config", "enc_dim"],
      error: "must be the talker's hidden_size",
    },
  )
  .refine(
    ({ talker_config }) =>
      talker_config.code_predictor_config.num_code_groups === talker_config.num_code_groups,
    {
      path: ["talker_config", "code_predictor_config", "num_code_groups"],
      error: "must be that of the talker",
    },
  )
  .refine(
    ({ talker_config }) =>
      codecTokenIds(talker_config).every((id) => id < talker_config.vocab_size),
    {
      path: ["talker_config", "vocab_size"],
      error: "must be above every control, language and speaker id",
    },
  )
  .refine(
    ({ talker_config }) =>
      dialects(talker_config).every((name) => name in talker_config.codec_language_id),
    {
      path: ["talker_config", "spk_is_dialect"],
      error: "must name languages of codec_language_id",
    },
  );

export type ModelConfig = z.infer<typeof modelConfig>;
export type TalkerConfig = z.infer<typeof talker>;
export type DecoderConfig = z.infer<typeof decoder>;
export type SpeakerEncoderConfig = z.infer<typeof speakerEncoder>;

/** Whether the model speaks with voices that were cloned, and has what encodes them. */
export function clonesVoices({ tts_model_type }: Pick<ModelConfig, "tts_model_type">): boolean {
  return tts_model_type === "base";
}

function codecTokenIds(config: TalkerConfig): number[] {
  return [
    config.codec_pad_id,
    config.codec_bos_id,
    config.codec_eos_token_id,
    config.codec_think_id,
    config.codec_nothink_id,
    config.codec_think_bos_id,
    config.codec_think_eos_id,
    ...Object.values(config.codec_language_id),
    ...Object.values(config.spk_id),
  ];
}

function dialects(config: TalkerConfig): string[] {
  return Object.values(config.spk_is_dialect).filter((dialect) => dialect !== false);
}
