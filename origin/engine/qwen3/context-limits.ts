import { invalidRequest } from "../../../shared/api-error.ts";
import type { TalkerConfig } from "../../model/checkpoint/model-config.ts";
import type { PromptText } from "../../model/prompt/prompt-text.ts";

/** A stream's keys and values, prompt and frames together, are never longer than this. */
const most = 4096;

/** What is left holds the longest segment, whatever it is made of. */
const maxInstructionTokens = 1024;

/** How many positions a stream of this model may have. */
export function positionsOf({ max_position_embeddings: known }: TalkerConfig): number {
  return Math.min(most, known);
}

export interface ContextNeeds {
  text: PromptText;
  promptPositions: number;
  /** Of a cloned voice's recording, which the prompt holds. */
  referenceFrames: number;
  /** That the text may take. */
  maxFrames: number;
  maxPositions: number;
}

/** Throws an ApiError (400) when the prompt and the most frames the text may take do not fit in one context. */
export function checkContext(needs: ContextNeeds): void {
  const { text, promptPositions, referenceFrames, maxFrames, maxPositions } = needs;
  const { body, instruction } = text;
  if (instruction.length > maxInstructionTokens) {
    const message = `instructions must have at most ${maxInstructionTokens} tokens; they have ${instruction.length}`;
    throw invalidRequest("context_length_exceeded", message, "instructions");
  }
  const positions = promptPositions + maxFrames;
  if (positions <= maxPositions) return;
  const before =
    referenceFrames > 0 ? `the ${referenceFrames} frames of the voice's reference, ` : "";
  const message = `input must fit in one context of ${maxPositions} positions when segmentation is off; its ${body.length} tokens, ${before}what goes before them, and the ${maxFrames} frames it may take to say are ${positions}`;
  throw invalidRequest("context_length_exceeded", message, "input");
}
