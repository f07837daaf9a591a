import type { TalkerConfig } from "../checkpoint/model-config.ts";
import type { Model, Value } from "../onnx/graph.ts";
import { linear } from "../onnx/linear.ts";
import { cast } from "../onnx/ops/arithmetic.ts";
import { concat, expand, gather, slice, squeeze } from "../onnx/ops/shape.ts";
import type { Sampler } from "./sampler.ts";
import type { StoredWeights } from "./talker.ts";
import { createTransformer, type KeyValue } from "./transformer.ts";

/**
 * The smaller decoder, which says the other codes of a frame one after the other, from an empty cache every time.
 *
 * hidden and first [B, 1, H] are the talker's last hidden vector and its embedding of the frame's first code; uniforms
 * are [B, 1] for each code. Returns the codes, each int64 [B, 1], and their embeddings, each [B, 1, H].
 */
export type CodePredictor = (
  hidden: Value,
  first: Value,
  uniforms: readonly Value[],
) => { codes: Value[]; embeddings: Value[] };

export interface CodePredictorOptions {
  config: TalkerConfig;
  weights: StoredWeights;
  sample: Sampler;
  /** Rows of the batch, an int64 scalar. */
  batch: Value;
}

/** Prepares in the current graph what is the same for every frame. */
export function createCodePredictor(model: Model, options: CodePredictorOptions): CodePredictor {
  const { weights, sample, batch } = options;
  const { hidden_size: talkerWidth, code_predictor_config: config } = options.config;
  const transformer = createTransformer(model, {
    name: "talker.code_predictor",
    weights: weights.layers.under("model"),
    config,
    maxPositions: config.num_code_groups,
  });

  const [heads, headSize] = transformer.cacheShape;
  const none = cast(model.constant("float32", [], [1, heads, 0, headSize]), transformer.cacheType);
  const nothing = model.describe(expand(none, [batch, heads, 0, headSize]), [
    "B",
    heads,
    0,
    headSize,
  ]);
  const emptyCache: KeyValue[] = Array.from({ length: config.num_hidden_layers }, () => ({
    key: nothing,
    value: nothing,
  }));
  // The first call takes two vectors, so the call for code i ends at position i.
  const positions = Array.from({ length: config.num_code_groups }, (_, last) => ({
    last: model.describe(expand(model.constant("int32", [last]), [batch]), ["B"]),
    total: model.constant("int32", last + 1),
  })).slice(1);

  /** Talker width to predictor width; models of equal widths have no such layer. */
  function project(x: Value): Value {
    if (config.hidden_size === talkerWidth) return x;
    const bias = weights.exact.tensor("small_to_mtp_projection.bias");
    return linear(x, weights.layers.matrix("small_to_mtp_projection.weight"), bias);
  }

  return (hidden, first, uniforms) => {
    const codes: Value[] = [];
    const embeddings: Value[] = [];
    let input = concat([hidden, first], 1);
    let cache = emptyCache;
    positions.forEach((position, index) => {
      model.scope(`code.${index + 1}`, () => {
        const { x, present } = transformer.run(project(input), cache, position);
        const newest =
          index === 0
            ? model.describe(slice(x, { axis: 1, start: -1 }), ["B", 1, config.hidden_size])
            : x;
        const last = transformer.finalNorm(newest);
        const logits = squeeze(linear(last, weights.heads.matrix(`lm_head.${index}.weight`)), [1]);
        const uniform = uniforms[index];
        if (!uniform) throw new Error(`there is no uniform for code ${index + 1}`);
        const code = sample(logits, uniform);
        input = gather(weights.exact.tensor(`model.codec_embedding.${index}.weight`), code);
        cache = present;
        codes.push(code);
        embeddings.push(input);
      });
    });
    return { codes, embeddings };
  };
}
