import type { TalkerConfig } from "../checkpoint/model-config.ts";
import type { Model } from "../onnx/graph.ts";
import { linear } from "../onnx/linear.ts";
import { silu } from "../onnx/ops/activation.ts";
import { createWeights, type TensorSource } from "../weights.ts";

/**
 * Builds the two layers that bring text embeddings to the talker's width: `text` [n, text width] to `projected`
 * [n, H]. They stay float32: a prompt passes them once.
 */
export function buildTextProjection(
  model: Model,
  config: TalkerConfig,
  tensors: TensorSource,
): void {
  const weights = createWeights(model, tensors, {
    format: "float32",
    prefix: "talker.text_projection.",
  });
  const text = model.input("text", "float32", ["n", config.text_hidden_size]);
  const hidden = silu(
    linear(text, weights.matrix("linear_fc1.weight"), weights.tensor("linear_fc1.bias")),
  );
  model.output(
    "projected",
    linear(hidden, weights.matrix("linear_fc2.weight"), weights.tensor("linear_fc2.bias")),
    ["n", config.hidden_size],
  );
}
