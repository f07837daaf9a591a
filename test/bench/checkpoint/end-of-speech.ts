// Random weights never say that they are done: the chance of one control token among thousands is nil. So a constant is
// put where it survives to the last layer, the first channel of every codec embedding, and the row of the end token in
// the talker's head reads that channel alone. The chance of an end is then nearly the same at every frame.
import { createUniform } from "./uniform.ts";

/** The sampling that a checkpoint's generation_config.json asks for. */
const temperature = 0.9;
const topK = 50;

/** The value of the first channel of every codec embedding, whose other channels have a deviation of 1. */
export const markedChannel = 1;

/**
 * What the end token's row holds in its first channel, so that utterances take `meanFrames` frames on average.
 * `codes` and `width` are the talker's vocabulary without controls and its width; `embeddings` are as many as are added
 * for a frame.
 */
export function endOfSpeechWeight(
  meanFrames: number,
  { codes, width, embeddings }: { codes: number; width: number; embeddings: number },
): number {
  // What a frame feeds back, before and after the norm; layers add little to it.
  const marked = embeddings * markedChannel;
  const meanSquare = embeddings + marked ** 2 / width;
  const normalized = marked / Math.sqrt(meanSquare);
  // The other rows do not read that channel.
  const spread = Math.sqrt(1 - normalized ** 2 / width);

  const uniform = createUniform("typical logits");
  const logits = Array.from({ length: codes }, () => normalDraw(uniform)).sort((a, b) => b - a);
  const others = logits
    .slice(0, topK)
    .reduce((total, logit) => total + Math.exp((spread * logit) / temperature), 0);
  const chance = 1 / meanFrames;
  const logit = temperature * Math.log((others * chance) / (1 - chance));
  return logit / normalized;
}

/** Box and Muller's transform of two draws from [-1, 1). */
function normalDraw(uniform: () => number): number {
  const radius = Math.sqrt(-2 * Math.log((1 + uniform()) / 2 || Number.MIN_VALUE));
  return radius * Math.cos(Math.PI * uniform());
}
