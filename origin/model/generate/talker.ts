import type { TalkerConfig } from "../checkpoint/model-config.ts";
import type { ElementType } from "../onnx/element-type.ts";
import type { Model, Value } from "../onnx/graph.ts";
import { linear } from "../onnx/linear.ts";
import { gather, slice, squeeze } from "../onnx/ops/shape.ts";
import type { Weights } from "../weights.ts";
import { createTransformer, type KeyValue, type Positions } from "./transformer.ts";

/** The weights of one part of the model in the two ways they are stored. */
export interface StoredWeights {
  /** Those of the layers, in the format of the pack's precision. */
  layers: Weights;
  /** Those of the output heads: quantised like the layers, and float32 where the layers are float16. */
  heads: Weights;
  /** The same tensors in float32: embeddings are not quantised. */
  exact: Weights;
}

/** The larger decoder, which says the first code of every frame. */
export interface Talker {
  /** x [B, L, H]: the last position after the final norm [B, 1, H], its raw logits [B, vocabulary], the cache. */
  run(
    x: Value,
    past: readonly KeyValue[],
    positions: Positions,
  ): { hidden: Value; logits: Value; present: KeyValue[] };
  /** tokens int64 [B, 1] to their embeddings [B, 1, H]. */
  embed(tokens: Value): Value;
  /** KV heads and head size of the cache of each layer. */
  readonly cacheShape: readonly [number, number];
  readonly cacheType: ElementType;
}

export function createTalker(model: Model, config: TalkerConfig, weights: StoredWeights): Talker {
  const transformer = createTransformer(model, {
    name: "talker",
    weights: weights.layers.under("model"),
    config,
    maxPositions: config.max_position_embeddings,
  });
  const head = weights.heads.matrix("codec_head.weight");
  const embeddings = weights.exact.tensor("model.codec_embedding.weight");

  return {
    cacheShape: transformer.cacheShape,
    cacheType: transformer.cacheType,
    embed: (tokens) => gather(embeddings, tokens),
    run: (x, past, positions) =>
      model.scope("talker", () => {
        const { x: y, present } = transformer.run(x, past, positions);
        const hidden = transformer.finalNorm(
          model.describe(slice(y, { axis: 1, start: -1 }), ["B", 1, config.hidden_size]),
        );
        return { hidden, logits: squeeze(linear(hidden, head), [1]), present };
      }),
  };
}
