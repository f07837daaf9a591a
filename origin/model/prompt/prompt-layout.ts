/**
 * The prompt as a list of positions, by the modeling code of QwenLM/Qwen3-TTS. Every position is the sum of a text
 * vector and a codec vector; instruction and role are text alone.
 */
import type { ModelConfig } from "../checkpoint/model-config.ts";
import type { PromptText } from "./prompt-text.ts";
import type { VoiceTokens } from "./voice-tokens.ts";

export interface Position {
  /** An id of the text vocabulary. */
  text: number;
  /** An id of the codec vocabulary, or null for no codec vector. */
  codec: number | null;
}

export interface PromptLayout {
  positions: readonly Position[];
  /** Text ids added to the frames that are fed back, one each; the frames after them get the text pad. */
  trailing: readonly number[];
}

/**
 * `whole` puts all of the text before the first frame, which is how preset and designed voices are trained;
 * `streaming` feeds it along with the frames.
 */
export type TextLayout = "whole" | "streaming";

export function layOutPrompt(
  config: ModelConfig,
  text: PromptText,
  voice: VoiceTokens,
  layout: TextLayout,
): PromptLayout {
  const { tts_pad_token_id: pad, tts_bos_token_id: bos, tts_eos_token_id: eos } = config;
  const { codec_pad_id: codecPad, codec_bos_id: codecBos } = config.talker_config;
  const { role, body, instruction } = text;
  const alone = (id: number): Position => ({ text: id, codec: null });

  const head = [
    ...instruction.map(alone),
    ...role.map(alone),
    ...voice.thinking.map((codec) => ({ text: pad, codec })),
    ...(voice.speaker === null ? [] : [{ text: pad, codec: voice.speaker }]),
    { text: bos, codec: codecPad },
  ];
  if (layout === "whole") {
    const spoken = [...body, eos].map((id) => ({ text: id, codec: codecPad }));
    return { positions: [...head, ...spoken, { text: pad, codec: codecBos }], trailing: [] };
  }
  const [first, ...rest] = body;
  if (first === undefined) throw new Error("a prompt needs at least one token of text");
  return { positions: [...head, { text: first, codec: codecBos }], trailing: [...rest, eos] };
}
