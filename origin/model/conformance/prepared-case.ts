import type { LoadedPack } from "../pack/open-pack.ts";
import type { EmbeddedPrompt } from "../prompt/prompt-embedder.ts";
import { layOutPrompt, type PromptLayout } from "../prompt/prompt-layout.ts";
import { type PromptText, tokenizePrompt } from "../prompt/prompt-text.ts";
import { voiceTokens } from "../prompt/voice-tokens.ts";
import type { ReferenceCase } from "./reference-set.ts";

/** A case on its way into the model. */
export interface PreparedCase {
  reference: ReferenceCase;
  text: PromptText;
  layout: PromptLayout;
  prompt: EmbeddedPrompt;
}

/** Throws an ApiError when there is nothing to say or the model has no such voice or language. */
export async function prepareCase(
  pack: LoadedPack,
  reference: ReferenceCase,
): Promise<PreparedCase> {
  const text = tokenizePrompt(pack.tokenizer, reference.text, reference.instruct ?? null);
  const voice = voiceTokens(pack.config.talker_config, {
    speaker: reference.speaker || null,
    language: reference.language,
  });
  const textLayout = reference.non_streaming_mode ? "whole" : "streaming";
  const layout = layOutPrompt(pack.config, text, voice, textLayout);
  return { reference, text, layout, prompt: await pack.embedder.embed(layout) };
}
