// The configuration files of a checkpoint with the published ids and constants, as far as programs read them.
import { addedTokenId, addedTokens } from "./added-tokens.ts";
import type { DecoderSizes, SizeName, Sizes } from "./sizes.ts";
import { assistantTokenId } from "./vocabulary.ts";

export type ModelKind = "custom_voice" | "voice_design" | "base";

const codeGroups = 16;
/** The codec vocabulary has so many ids beyond the codes: controls, languages and speakers. */
const otherIds = 1024;

/** What follows counts from the last code on. */
const controls = {
  codec_pad_id: 100,
  codec_bos_id: 101,
  codec_eos_token_id: 102,
  codec_think_id: 106,
  codec_nothink_id: 107,
  codec_think_bos_id: 108,
  codec_think_eos_id: 109,
};
const languages = {
  chinese: 7,
  english: 2,
  german: 5,
  italian: 22,
  portuguese: 23,
  spanish: 6,
  japanese: 10,
  korean: 16,
  french: 13,
  russian: 21,
};
const dialects = { beijing_dialect: 26, sichuan_dialect: 14 };
const speakers = {
  serena: 1018,
  vivian: 1017,
  uncle_fu: 962,
  ryan: 1013,
  aiden: 813,
  ono_anna: 825,
  sohee: 816,
  eric: 827,
  dylan: 830,
};
const speakerDialects = { eric: "sichuan_dialect", dylan: "beijing_dialect" };

/** The JSON files of a checkpoint by their paths. */
export function configurationFiles(size: SizeName, kind: ModelKind, sizes: Sizes) {
  return {
    "config.json": modelConfiguration(size, kind, sizes),
    "generation_config.json": {
      do_sample: true,
      repetition_penalty: 1.05,
      temperature: 0.9,
      top_p: 1,
      top_k: 50,
      subtalker_dosample: true,
      subtalker_temperature: 0.9,
      subtalker_top_p: 1,
      subtalker_top_k: 50,
      max_new_tokens: 8192,
    },
    "tokenizer_config.json": {
      tokenizer_class: "Qwen2Tokenizer",
      added_tokens_decoder: Object.fromEntries(
        addedTokens.map((content) => [addedTokenId(sizes, content), { content }]),
      ),
    },
    "speech_tokenizer/config.json": codecConfiguration(sizes),
  };
}

function modelConfiguration(size: SizeName, kind: ModelKind, sizes: Sizes) {
  const hasPresets = kind === "custom_voice";
  const above = (ids: Record<string, number>) =>
    Object.fromEntries(Object.entries(ids).map(([name, id]) => [name, sizes.codes + id]));
  return {
    model_type: "qwen3_tts",
    tokenizer_type: "qwen3_tts_tokenizer_12hz",
    tts_model_size: size === "1.7b" ? "1b7" : "0b6",
    tts_model_type: kind,
    im_start_token_id: addedTokenId(sizes, "<|im_start|>"),
    im_end_token_id: addedTokenId(sizes, "<|im_end|>"),
    assistant_token_id: assistantTokenId,
    tts_pad_token_id: addedTokenId(sizes, "<tts_pad>"),
    tts_bos_token_id: addedTokenId(sizes, "<tts_text_bos>"),
    tts_eos_token_id: addedTokenId(sizes, "<tts_text_eod>"),
    ...(kind === "base"
      ? { speaker_encoder_config: { enc_dim: sizes.talker.hidden_size, sample_rate: 24_000 } }
      : {}),
    talker_config: {
      ...decoder(sizes.talker, sizes.codes + otherIds),
      max_position_embeddings: 32_768,
      rope_scaling: { rope_type: "default" },
      text_hidden_size: sizes.textWidth,
      text_vocab_size: sizes.textRows,
      ...above(controls),
      codec_language_id: above({ ...languages, ...(hasPresets ? dialects : {}) }),
      spk_id: hasPresets ? above(speakers) : {},
      spk_is_dialect: hasPresets
        ? {
            ...Object.fromEntries(Object.keys(speakers).map((name) => [name, false])),
            ...speakerDialects,
          }
        : {},
      code_predictor_config: {
        ...decoder(sizes.codePredictor, sizes.codes),
        max_position_embeddings: 65_536,
        rope_scaling: null,
      },
    },
  };
}

function decoder(sizes: DecoderSizes, vocabulary: number) {
  return {
    ...sizes,
    hidden_act: "silu",
    rms_norm_eps: 1e-6,
    rope_theta: 1_000_000,
    attention_bias: false,
    use_sliding_window: false,
    vocab_size: vocabulary,
    num_code_groups: codeGroups,
  };
}

function codecConfiguration({ codes, codecDecoder, codecEncoder }: Sizes) {
  return {
    model_type: "qwen3_tts_tokenizer_12hz",
    encoder_valid_num_quantizers: codeGroups,
    input_sample_rate: 24_000,
    output_sample_rate: 24_000,
    decode_upsample_rate: 1920,
    encode_downsample_rate: 1920,
    decoder_config: {
      ...codecDecoder,
      hidden_act: "silu",
      attention_bias: false,
      codebook_size: codes,
      num_quantizers: codeGroups,
      num_semantic_quantizers: 1,
      rms_norm_eps: 1e-5,
      rope_theta: 10_000,
      upsample_rates: [8, 5, 4, 3],
      upsampling_ratios: [2, 2],
    },
    encoder_config: {
      ...codecEncoder,
      hidden_act: "gelu",
      attention_bias: false,
      _frame_rate: 12.5,
      sampling_rate: 24_000,
      audio_channels: 1,
      num_residual_layers: 1,
      kernel_size: 7,
      last_kernel_size: 3,
      residual_kernel_size: 3,
      compress: 2,
      dilation_growth_rate: 2,
      use_causal_conv: true,
      use_conv_shortcut: false,
      pad_mode: "constant",
      upsampling_ratios: [8, 6, 5, 4],
      norm_eps: 1e-5,
      rope_theta: 10_000,
      codebook_size: codes,
      vector_quantization_hidden_dimension: codecEncoder.codebook_dim,
      num_semantic_quantizers: 1,
    },
  };
}
