import { invalidRequest } from "../../../shared/api-error.ts";
import type { Tokenizer } from "../tokenizer.ts";
import { templates } from "./templates.ts";

/** The texts of an utterance as ids of the text vocabulary. */
export interface PromptText {
  /** The opening of the assistant's turn; three tokens. */
  role: readonly number[];
  /** What is to be said; at least one token. */
  body: readonly number[];
  /** The whole turn of the user who says how to speak; empty without one. */
  instruction: readonly number[];
}

/**
 * Tokenizes the texts for the chat templates of the official code. User text is trimmed, because white space next to
 * the template's line feeds would melt into their tokens, and is tokenized apart from the template, so that control
 * tokens written out in it stay text.
 *
 * Throws an ApiError (400) when nothing is left to say.
 */
export function tokenizePrompt(
  tokenizer: Tokenizer,
  text: string,
  instructions: string | null,
): PromptText {
  const role = tokenizer.encodeTemplate(templates.assistant);
  const body = tokenizer.encode(trim(text));
  if (body.length === 0) {
    const message = `input must have something to say; its ${text.length} characters are white space`;
    throw invalidRequest("nothing_to_speak", message, "input");
  }
  const manner = trim(instructions ?? "");
  const instruction =
    manner === ""
      ? []
      : [
          ...tokenizer.encodeTemplate(templates.user),
          ...tokenizer.encode(manner),
          ...tokenizer.encodeTemplate(templates.end),
        ];
  return { role, body, instruction };
}

/** What is said in a reference as ids. Throws an ApiError (400) when that is nothing. */
export function tokenizeReference(tokenizer: Tokenizer, text: string): number[] {
  const ids = tokenizer.encode(trim(text));
  if (ids.length > 0) return ids;
  const message = `ref_text must say what is said in the recording; its ${text.length} characters are white space`;
  throw invalidRequest("invalid_value", message, "ref_text");
}

/** Unlike `String.trim`, by Unicode's White_Space, which is what the tokenizer goes by. */
function trim(text: string): string {
  return text.replace(/^\p{White_Space}+/u, "").replace(/\p{White_Space}+$/u, "");
}
