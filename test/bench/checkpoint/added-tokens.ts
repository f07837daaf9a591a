import type { Sizes } from "./sizes.ts";

/** In the order of their ids, as tokenizer_config.json of the published checkpoints lists them. */
export const addedTokens = [
  "<|endoftext|>",
  "<|im_start|>",
  "<|im_end|>",
  "<|object_ref_start|>",
  "<|object_ref_end|>",
  "<|box_start|>",
  "<|box_end|>",
  "<|quad_start|>",
  "<|quad_end|>",
  "<|vision_start|>",
  "<|vision_end|>",
  "<|vision_pad|>",
  "<|image_pad|>",
  "<|video_pad|>",
  "<tool_call>",
  "</tool_call>",
  "<|fim_prefix|>",
  "<|fim_middle|>",
  "<|fim_suffix|>",
  "<|fim_pad|>",
  "<|repo_name|>",
  "<|file_sep|>",
  "<tool_response>",
  "</tool_response>",
  "<think>",
  "</think>",
  "<|audio_start|>",
  "<|audio_end|>",
  "<tts_pad>",
  "<tts_text_bos>",
  "<tts_text_eod>",
  "<tts_text_bos_single>",
  "<|audio_pad|>",
] as const;

/** Their ids begin where the byte-level vocabulary ends. */
export function addedTokenId(
  sizes: Pick<Sizes, "textTokens">,
  token: (typeof addedTokens)[number],
): number {
  return sizes.textTokens + addedTokens.indexOf(token);
}
