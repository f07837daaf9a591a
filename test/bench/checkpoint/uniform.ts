import { createHash } from "node:crypto";

/** Draws from [-1, 1), the same ones for the same name: the generator xorshift32 (Marsaglia, "Xorshift RNGs", 2003). */
export function createUniform(name: string): () => number {
  let state = createHash("sha256").update(name).digest().readInt32LE() || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state * 2 ** -31;
  };
}
