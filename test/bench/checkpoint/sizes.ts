/** Sizes of one decoder of the language model or codec, as its configuration spells them. */
export interface DecoderSizes {
  hidden_size: number;
  intermediate_size: number;
  num_hidden_layers: number;
  num_attention_heads: number;
  num_key_value_heads: number;
  head_dim: number;
}

/** Every size in which checkpoints of one layout differ. */
export interface Sizes {
  talker: DecoderSizes;
  codePredictor: DecoderSizes;
  textWidth: number;
  /** Tokens of the byte-level vocabulary; added tokens follow them. */
  textTokens: number;
  /** Rows of the table of text embeddings; some at its end belong to no token. */
  textRows: number;
  /** Codes of one codebook. */
  codes: number;
  codecDecoder: DecoderSizes & {
    latent_dim: number;
    codebook_dim: number;
    decoder_dim: number;
    sliding_window: number;
  };
  codecEncoder: DecoderSizes & {
    num_filters: number;
    codebook_dim: number;
    num_quantizers: number;
  };
}

const codePredictor: DecoderSizes = {
  hidden_size: 1024,
  intermediate_size: 3072,
  num_hidden_layers: 5,
  num_attention_heads: 16,
  num_key_value_heads: 8,
  head_dim: 128,
};

const small: Sizes = {
  talker: { ...codePredictor, num_hidden_layers: 28 },
  codePredictor,
  textWidth: 2048,
  textTokens: 151_643,
  textRows: 151_936,
  codes: 2048,
  codecDecoder: {
    hidden_size: 512,
    intermediate_size: 1024,
    num_hidden_layers: 8,
    num_attention_heads: 16,
    num_key_value_heads: 16,
    head_dim: 64,
    latent_dim: 1024,
    codebook_dim: 512,
    decoder_dim: 1536,
    sliding_window: 72,
  },
  codecEncoder: {
    hidden_size: 512,
    intermediate_size: 2048,
    num_hidden_layers: 8,
    num_attention_heads: 8,
    num_key_value_heads: 8,
    head_dim: 64,
    num_filters: 64,
    codebook_dim: 256,
    num_quantizers: 32,
  },
};

const tinyDecoder: DecoderSizes = {
  hidden_size: 64,
  intermediate_size: 96,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  head_dim: 32,
};

/** Those of the published checkpoints (their config.json), and tiny ones in which everything is quick. */
export const sizes = {
  "0.6b": small,
  "1.7b": {
    ...small,
    talker: { ...small.talker, hidden_size: 2048, intermediate_size: 6144 },
  },
  tiny: {
    talker: tinyDecoder,
    codePredictor: { ...tinyDecoder, hidden_size: 32, intermediate_size: 48 },
    textWidth: 32,
    textTokens: 2000,
    textRows: 2048,
    codes: 256,
    codecDecoder: {
      ...tinyDecoder,
      num_key_value_heads: 2,
      latent_dim: 32,
      codebook_dim: 32,
      decoder_dim: 32,
      sliding_window: 8,
    },
    codecEncoder: {
      ...tinyDecoder,
      num_key_value_heads: 2,
      num_filters: 2,
      codebook_dim: 16,
      num_quantizers: 20,
    },
  },
} as const satisfies Record<string, Sizes>;

export type SizeName = keyof typeof sizes;
