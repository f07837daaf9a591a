import type { SessionState } from "../codec/session-state.ts";
import type { LoadedPack } from "../pack/open-pack.ts";
import type { EmbeddedPrompt } from "../prompt/prompt-embedder.ts";
import { layOutPrompt, type PromptLayout } from "../prompt/prompt-layout.ts";
import { type PromptText, tokenizePrompt, tokenizeReference } from "../prompt/prompt-text.ts";
import type { EmbeddedReference } from "../prompt/reference-embedder.ts";
import { voiceTokens } from "../prompt/voice-tokens.ts";
import type { ReferenceAudio, ReferenceCase } from "./reference-set.ts";

/** A case on its way into the model. */
export interface PreparedCase {
  reference: ReferenceCase;
  text: PromptText;
  /** Ids of what is said in the recording it goes on from; empty without one. */
  saidBefore: readonly number[];
  layout: PromptLayout;
  prompt: EmbeddedPrompt;
  /** Of the codec after that recording. */
  after: SessionState | undefined;
}

/**
 * Cloned voices are those of the reference's own encoders: what ours make of the recording is checked by itself. Throws an
 * ApiError when there is nothing to say or the model has no such voice or language.
 */
export async function prepareCase(
  pack: LoadedPack,
  reference: ReferenceCase,
  audio: ReferenceAudio | null,
): Promise<PreparedCase> {
  const { clone } = reference;
  if (clone && !audio) throw new Error("the set has no recording");
  const text = tokenizePrompt(pack.tokenizer, reference.text, reference.instruct ?? null);
  const voice = voiceTokens(pack.config.talker_config, {
    speaker: reference.speaker || null,
    xVector: (clone && audio?.xVector) ?? null,
    language: reference.language,
  });
  const saidBefore =
    clone === "icl" ? tokenizeReference(pack.tokenizer, reference.ref_text ?? "") : [];
  const codes = clone === "icl" ? (audio?.codes.flat() ?? []) : [];
  const before: EmbeddedReference | null =
    codes.length > 0
      ? await pack.embedder.embedReference(saidBefore, Uint16Array.from(codes))
      : null;
  const textLayout = reference.non_streaming_mode ? "whole" : "streaming";
  const layout = layOutPrompt(pack.config, text, voice, textLayout, before);
  return {
    reference,
    text,
    saidBefore,
    layout,
    prompt: await pack.embedder.embed(layout),
    after: before ? await pack.codecAfter(BigInt64Array.from(codes, BigInt)) : undefined,
  };
}
