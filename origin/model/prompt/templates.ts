import type { ModelConfig } from "../checkpoint/model-config.ts";
import type { Tokenizer } from "../tokenizer.ts";

/** What stands around the texts of a prompt in the official code. */
export const templates = {
  assistant: "<|im_start|>assistant\n",
  user: "<|im_start|>user\n",
  end: "<|im_end|>\n",
} as const;

/**
 * Throws an Error when the tokenizer does not give the templates the ids that config.json names: a model would be given
 * other tokens than those it was trained on, and say something else than the text.
 */
export function checkTemplates(tokenizer: Tokenizer, config: ModelConfig): void {
  const { im_start_token_id: start, im_end_token_id: end, assistant_token_id: assistant } = config;
  const check = (text: string, named: readonly number[], length = named.length) => {
    const ids = tokenizer.encodeTemplate(text);
    if (ids.length === length && named.every((id, index) => ids[index] === id)) return;
    const wanted = [...named, ...Array<string>(length - named.length).fill("any")].join(", ");
    throw new Error(
      `the tokenizer makes ${JSON.stringify(text)} the ids ${ids.join(", ")}, and config.json ${wanted}`,
    );
  };
  check(templates.assistant, [start, assistant], 3);
  check(templates.user, [start], 3);
  check(templates.end, [end], 2);
  check("<tts_pad>", [config.tts_pad_token_id]);
  check("<tts_text_bos>", [config.tts_bos_token_id]);
  check("<tts_text_eod>", [config.tts_eos_token_id]);
}
