import {
  clonesVoices,
  type DecoderConfig,
  type ModelConfig,
  type TalkerConfig,
} from "./model-config.ts";
import { biased, each, type Shapes, under } from "./shapes.ts";
import { speakerEncoderShapes } from "./speaker-encoder-shapes.ts";

/** Every tensor of `model.safetensors`. */
export function modelShapes(config: ModelConfig): Shapes {
  const { talker_config: talker, speaker_encoder_config: speakerEncoder } = config;
  // A checkpoint fine-tuned from a base model keeps the configuration of its speaker encoder, not the tensors.
  const clones = clonesVoices(config) && speakerEncoder;
  return {
    ...under("talker", talkerShapes(talker)),
    ...under("talker.code_predictor", codePredictorShapes(talker)),
    ...(clones ? under("speaker_encoder", speakerEncoderShapes(speakerEncoder)) : {}),
  };
}

function talkerShapes(talker: TalkerConfig): Shapes {
  const { hidden_size, text_hidden_size, text_vocab_size, vocab_size } = talker;
  return {
    ...under("model", decoderShapes(talker)),
    "model.codec_embedding.weight": [vocab_size, hidden_size],
    "model.text_embedding.weight": [text_vocab_size, text_hidden_size],
    ...biased("text_projection.linear_fc1", [text_hidden_size, text_hidden_size]),
    ...biased("text_projection.linear_fc2", [hidden_size, text_hidden_size]),
    "codec_head.weight": [vocab_size, hidden_size],
  };
}

function codePredictorShapes(talker: TalkerConfig): Shapes {
  const predictor = talker.code_predictor_config;
  const codebooks = predictor.num_code_groups - 1;
  const sameWidth = predictor.hidden_size === talker.hidden_size;
  return {
    ...under("model", decoderShapes(predictor)),
    ...each("model.codec_embedding", codebooks, () => ({
      weight: [predictor.vocab_size, talker.hidden_size],
    })),
    ...each("lm_head", codebooks, () => ({
      weight: [predictor.vocab_size, predictor.hidden_size],
    })),
    ...(sameWidth
      ? {}
      : biased("small_to_mtp_projection", [predictor.hidden_size, talker.hidden_size])),
  };
}

function decoderShapes(config: DecoderConfig): Shapes {
  const { hidden_size, intermediate_size, head_dim } = config;
  const queries = config.num_attention_heads * head_dim;
  const keys = config.num_key_value_heads * head_dim;
  return {
    ...each("layers", config.num_hidden_layers, () => ({
      "input_layernorm.weight": [hidden_size],
      "self_attn.q_proj.weight": [queries, hidden_size],
      "self_attn.k_proj.weight": [keys, hidden_size],
      "self_attn.v_proj.weight": [keys, hidden_size],
      "self_attn.q_norm.weight": [head_dim],
      "self_attn.k_norm.weight": [head_dim],
      "self_attn.o_proj.weight": [hidden_size, queries],
      "post_attention_layernorm.weight": [hidden_size],
      "mlp.gate_proj.weight": [intermediate_size, hidden_size],
      "mlp.up_proj.weight": [intermediate_size, hidden_size],
      "mlp.down_proj.weight": [hidden_size, intermediate_size],
    })),
    "norm.weight": [hidden_size],
  };
}
