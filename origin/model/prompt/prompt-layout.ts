/**
 * The prompt as a list of positions, by the modeling code of QwenLM/Qwen3-TTS. Every position is the sum of a text
 * vector and a codec vector; instruction and role are text alone.
 */
import type { ModelConfig } from "../checkpoint/model-config.ts";
import type { PromptText } from "./prompt-text.ts";
import type { EmbeddedReference } from "./reference-embedder.ts";
import type { SpeakerPart, VoiceTokens } from "./voice-tokens.ts";

/** An id of the text vocabulary, or a vector [H] of one. */
export type TextPart = number | Float32Array;

export interface Position {
  text: TextPart;
  /** An id of the codec vocabulary or what stands in its place, or null for no codec vector. */
  codec: SpeakerPart;
}

export interface PromptLayout {
  positions: readonly Position[];
  /** How many of the first are the same whatever is said with this voice in this manner. */
  fixedPositions: number;
  /** Texts added to the frames that are fed back, one each; the frames after them get the text pad. */
  trailing: readonly TextPart[];
}

/**
 * `whole` puts all of the text before the first frame, which is how preset and designed voices are trained;
 * `streaming` feeds it along with the frames, which is how voices are cloned.
 */
export type TextLayout = "whole" | "streaming";

/** Lays out a prompt, with a reference as what has been said before in the same voice. */
export function layOutPrompt(
  config: ModelConfig,
  text: PromptText,
  voice: VoiceTokens,
  layout: TextLayout,
  reference: EmbeddedReference | null = null,
): PromptLayout {
  const { tts_pad_token_id: pad, tts_bos_token_id: bos, tts_eos_token_id: eos } = config;
  const { codec_pad_id: codecPad, codec_bos_id: codecBos } = config.talker_config;
  const { role, body, instruction } = text;
  const alone = (id: number): Position => ({ text: id, codec: null });
  if (body.length === 0) throw new Error("a prompt needs at least one token of text");

  const head: Position[] = [
    ...instruction.map(alone),
    ...role.map(alone),
    ...voice.thinking.map((codec) => ({ text: pad, codec })),
    ...(voice.speaker === null ? [] : [{ text: pad, codec: voice.speaker }]),
    { text: bos, codec: codecPad },
  ];
  const texts: TextPart[] = [...(reference?.text ?? []), ...body, eos];
  const referenceTexts = reference?.text.length ?? 0;
  /** What is said: the beginning, and then the frames of the reference. */
  const said = [codecBos, ...(reference?.frames ?? [])];

  if (layout === "whole") {
    const spoken = texts.map((part) => ({ text: part, codec: codecPad }));
    const frames = said.map((codec) => ({ text: pad, codec }));
    const positions = [...head, ...spoken, ...frames];
    return { positions, fixedPositions: head.length + referenceTexts, trailing: [] };
  }
  const beside = said.map((codec, index) => ({ text: texts[index] ?? pad, codec }));
  return {
    positions: [...head, ...beside],
    fixedPositions: head.length + Math.min(referenceTexts, said.length),
    trailing: texts.slice(said.length),
  };
}
