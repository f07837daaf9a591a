/**
 * The decoder of Qwen3 (Qwen3 technical report; QwenLM/Qwen3-TTS modeling code), which both the talker and the code
 * predictor are: grouped queries, RMS norm of query and key heads before rotary embedding, SwiGLU.
 *
 * With weights in float16, products and attention are too, and the cache. The residual stream and the norms over it
 * stay float32, since a stream gathers outliers from layer to layer that are beyond float16 when they are squared.
 */
import type { DecoderConfig } from "../checkpoint/model-config.ts";
import type { ElementType } from "../onnx/element-type.ts";
import type { Model, Value } from "../onnx/graph.ts";
import { linear } from "../onnx/linear.ts";
import { add, cast } from "../onnx/ops/arithmetic.ts";
import { groupQueryAttention } from "../onnx/ops/attention.ts";
import { addAndRmsNorm, rmsNorm } from "../onnx/ops/normalization.ts";
import { reshape, split } from "../onnx/ops/shape.ts";
import type { Weights } from "../weights.ts";
import { feedForward } from "./feed-forward.ts";
import { padHeads } from "./padded-heads.ts";
import { rotaryTable } from "./rotary-table.ts";

/** Keys (rotated) and values of one layer, each [B, KV heads, positions, padded head size]. */
export interface KeyValue {
  key: Value;
  value: Value;
}

export interface Positions {
  /** int32 [B]: the position of each row's last new vector. */
  last: Value;
  /** int32 scalar: at least the length of the longest row with its new vectors, and just that for a prompt. */
  total: Value;
}

export interface Transformer {
  /** x [B, L, width] and the cache of every layer, to the same before the final norm and the longer cache. */
  run(x: Value, past: readonly KeyValue[], positions: Positions): { x: Value; present: KeyValue[] };
  finalNorm(x: Value): Value;
  /** KV heads and padded head size of the cache. */
  readonly cacheShape: readonly [number, number];
  readonly cacheType: ElementType;
}

export interface TransformerOptions {
  /** What its own initialisers are called. */
  name: string;
  /** Those under the "model" of a talker or code predictor. */
  weights: Weights;
  config: DecoderConfig;
  maxPositions: number;
}

export function createTransformer(model: Model, options: TransformerOptions): Transformer {
  const { name, weights, config, maxPositions } = options;
  const heads = config.num_attention_heads;
  const keyValueHeads = config.num_key_value_heads;
  const epsilon = config.rms_norm_eps;
  const padded = padHeads(config.head_dim);
  const type = weights.format === "float16" ? "float16" : "float32";
  const table = rotaryTable(model, `${name}.rotary`, {
    headSize: config.head_dim,
    paddedSize: padded.size,
    theta: config.rope_theta,
    positions: maxPositions,
  });
  const rotary = { cosines: cast(table.cosines, type), sines: cast(table.sines, type) };

  function attend(x: Value, layer: Weights, past: KeyValue, positions: Positions) {
    const projection = padded.outputs(
      layer.matrix("q_proj.weight", "k_proj.weight", "v_proj.weight"),
    );
    const widths = [heads, keyValueHeads, keyValueHeads].map((count) => count * padded.size);
    const [query, key, value] = split(linear(x, projection), widths, -1) as [Value, Value, Value];
    const normalize = (projected: Value, count: number, weight: Value) => {
      const perHead = reshape(projected, [0, 0, count, padded.size]);
      return reshape(rmsNorm(perHead, cast(weight, type), padded.normEpsilon(epsilon)), [
        0,
        0,
        count * padded.size,
      ]);
    };
    const { attended, presentKey, presentValue } = groupQueryAttention(
      {
        query: normalize(query, heads, padded.queryNorm(layer, "q_norm.weight")),
        key: normalize(key, keyValueHeads, padded.keyNorm(layer, "k_norm.weight")),
        value,
        pastKey: past.key,
        pastValue: past.value,
        lastPosition: positions.last,
        totalLength: positions.total,
        rotary,
      },
      { heads, keyValueHeads },
    );
    return {
      y: linear(attended, padded.inputs(layer.matrix("o_proj.weight"))),
      present: { key: presentKey, value: presentValue },
    };
  }

  return {
    cacheShape: [keyValueHeads, padded.size],
    cacheType: type,
    finalNorm: (x) => rmsNorm(x, weights.tensor("norm.weight"), epsilon),
    run(x, past, positions) {
      const present: KeyValue[] = [];
      // A loop hides the rank of what it carries, and without one attention takes its value input for absent.
      let stream = reshape(x, [0, 0, config.hidden_size]);
      /** What is still to be added to the stream. */
      let added: Value | undefined;
      past.forEach((cache, index) => {
        model.scope(`layer.${index}`, () => {
          const layer = weights.under(`layers.${index}`);
          const norm = (name: string) => {
            const weight = layer.tensor(`${name}.weight`);
            if (!added) return cast(rmsNorm(stream, weight, epsilon), type);
            const { sum, normed } = addAndRmsNorm(stream, added, weight, epsilon);
            stream = sum;
            return cast(normed, type);
          };
          const { y, present: next } = attend(
            norm("input_layernorm"),
            layer.under("self_attn"),
            cache,
            positions,
          );
          present.push(next);
          added = cast(y, "float32");
          const normed = norm("post_attention_layernorm");
          added = feedForward(normed, layer.under("mlp"), config.intermediate_size);
          if (index === past.length - 1) stream = add(stream, added);
        });
      });
      return { x: stream, present };
    },
  };
}
