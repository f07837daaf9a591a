import { invalidRequest } from "../../../shared/api-error.ts";
import type { PromptText } from "../../model/prompt/prompt-text.ts";

/** A stream's keys and values, prompt and frames together, are never longer than this. */
export const maxPositions = 4096;

/** What is left holds the longest segment, whatever it is made of. */
const maxInstructionTokens = 1024;

/** Throws an ApiError (400) when the prompt and the most frames the text may take do not fit in one context. */
export function checkContext(
  { body, instruction }: PromptText,
  promptPositions: number,
  maxFrames: number,
): void {
  if (instruction.length > maxInstructionTokens) {
    const message = `instructions must have at most ${maxInstructionTokens} tokens; they have ${instruction.length}`;
    throw invalidRequest("context_length_exceeded", message, "instructions");
  }
  const positions = promptPositions + maxFrames;
  if (positions > maxPositions) {
    const message = `input must fit in one context of ${maxPositions} positions when segmentation is off; its ${body.length} tokens, what goes before them, and the ${maxFrames} frames it may take to say are ${positions}`;
    throw invalidRequest("context_length_exceeded", message, "input");
  }
}
