import type { Value } from "../onnx/graph.ts";
import { add, multiply, sine } from "../onnx/ops/arithmetic.ts";
import type { Weights } from "../weights.ts";

/** Keeps the amplitude finite where beta is very negative; the value of the official code. */
const epsilon = 1e-9;

/**
 * x + sin²(exp(alpha) · x) / (exp(beta) + 1e-9), a pair of parameters per channel (Ziyin et al. 2020, BigVGAN's
 * SnakeBeta): x [B, C, T]. snake(0) = 0, so a history of zeros is the same before and after it.
 */
export function snake(x: Value, weights: Weights): Value {
  const [channels = 1] = weights.shape("alpha");
  const frequency = weights.derived("frequency", [channels, 1], (read) =>
    read("alpha").map((alpha) => Math.exp(alpha)),
  );
  const amplitude = weights.derived("amplitude", [channels, 1], (read) =>
    read("beta").map((beta) => 1 / (Math.exp(beta) + epsilon)),
  );
  const wave = sine(multiply(x, frequency));
  return add(x, multiply(multiply(wave, wave), amplitude));
}
