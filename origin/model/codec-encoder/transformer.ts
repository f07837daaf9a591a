import type { CodecEncoderConfig } from "../checkpoint/codec-config.ts";
import { stateInput, stateOutput } from "../codec/stream-state.ts";
import type { Value } from "../onnx/graph.ts";
import { linear } from "../onnx/linear.ts";
import { gelu, softmax } from "../onnx/ops/activation.ts";
import {
  add,
  cast,
  cosine,
  lessOrEqual,
  matmul,
  multiply,
  sine,
  where,
} from "../onnx/ops/arithmetic.ts";
import { type RotaryTable, rotate } from "../onnx/ops/attention.ts";
import { layerNorm } from "../onnx/ops/normalization.ts";
import { concat, range, reshape, sizeOf, split, transpose, unsqueeze } from "../onnx/ops/shape.ts";
import type { Weights } from "../weights.ts";

/** What the layers of one call have in common. */
interface Places {
  /** Added to scores [B, heads, T, past + T]: 0 where a query sees a key, else minus infinity. */
  mask: Value;
  rotary: RotaryTable;
  /** The place of the first new position, int64 [1]. */
  first: Value;
}

/**
 * x [B, T, hidden size] to the same shape. Every position sees all before it: the configuration has a sliding window, which
 * the official code heeds with one kind of attention only, and not the one it takes by default. So what a stream keeps are
 * the keys and values of all its positions. `past` is how many those are, an int64 scalar.
 */
export function transform(
  x: Value,
  past: Value,
  weights: Weights,
  config: CodecEncoderConfig,
): Value {
  const { model } = x;
  const places = model.scope("places", () => createPlaces(x, past, config));
  let hidden = x;
  for (let index = 0; index < config.num_hidden_layers; index++) {
    hidden = model.scope(`layer.${index}`, () =>
      layer(hidden, weights.under(`layers.${index}`), places, config),
    );
  }
  return hidden;
}

function createPlaces(x: Value, past: Value, config: CodecEncoderConfig): Places {
  const { head_dim, rope_theta } = config;
  const newPositions = sizeOf(x, 1);
  const keys = range(add(past, newPositions));
  const queries = add(range(newPositions), past);
  const frequencies = Array.from(
    { length: head_dim / 2 },
    (_, index) => rope_theta ** ((-2 * index) / head_dim),
  );
  const angles = multiply(unsqueeze(cast(keys, "float32"), [1]), frequencies);
  return {
    mask: where(
      lessOrEqual(keys, unsqueeze(queries, [1])),
      x.model.constant("float32", 0),
      Number.NEGATIVE_INFINITY,
    ),
    rotary: { cosines: cosine(angles), sines: sine(angles) },
    first: unsqueeze(past, [0]),
  };
}

function layer(x: Value, weights: Weights, places: Places, config: CodecEncoderConfig): Value {
  const norm = (input: Value, name: string) =>
    layerNorm(
      input,
      weights.tensor(`${name}.weight`),
      weights.tensor(`${name}.bias`),
      config.norm_eps,
    );
  const attended = attention(
    norm(x, "input_layernorm"),
    weights.under("self_attn"),
    places,
    config,
  );
  const afterAttention = add(x, multiply(attended, weights.tensor("self_attn_layer_scale.scale")));
  const inner = gelu(
    linear(norm(afterAttention, "post_attention_layernorm"), weights.matrix("mlp.fc1.weight")),
  );
  const outer = linear(inner, weights.matrix("mlp.fc2.weight"));
  return add(afterAttention, multiply(outer, weights.tensor("mlp_layer_scale.scale")));
}

function attention(x: Value, weights: Weights, places: Places, config: CodecEncoderConfig): Value {
  const { num_attention_heads: heads, head_dim } = config;
  const width = heads * head_dim;
  const byHead = (part: Value) => transpose(reshape(part, [0, 0, heads, head_dim]), [0, 2, 1, 3]);
  const rotated = (part: Value) => rotate(byHead(part), places.first, places.rotary);

  const projected = linear(x, weights.matrix("q_proj.weight", "k_proj.weight", "v_proj.weight"));
  const [query, key, value] = split(projected, [width, width, width], -1);
  const keys = growing(`${weights.path}.key`, rotated(key), config);
  const values = growing(`${weights.path}.value`, byHead(value), config);
  const scores = multiply(
    matmul(rotated(query), transpose(keys, [0, 1, 3, 2])),
    1 / Math.sqrt(head_dim),
  );
  const attended = matmul(softmax(add(scores, places.mask)), values);
  const joined = reshape(transpose(attended, [0, 2, 1, 3]), [0, 0, width]);
  return linear(joined, weights.matrix("o_proj.weight"));
}

/** x [B, heads, T, head size] behind all of it that came before. */
function growing(name: string, x: Value, config: CodecEncoderConfig): Value {
  const { num_attention_heads: heads, head_dim } = config;
  const { model } = x;
  const shape = (positions: string) => ["batch", heads, positions, head_dim];
  const past = model.input(stateInput(name), "float32", shape("past"));
  const joined = concat([past, x], 2);
  model.output(stateOutput(name), joined, shape("positions"));
  return joined;
}
