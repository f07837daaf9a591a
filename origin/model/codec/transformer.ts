import type { CodecDecoderConfig } from "../checkpoint/codec-config.ts";
import type { Value } from "../onnx/graph.ts";
import { linear } from "../onnx/linear.ts";
import { silu, softmax } from "../onnx/ops/activation.ts";
import { add, matmul, multiply } from "../onnx/ops/arithmetic.ts";
import { rotate } from "../onnx/ops/attention.ts";
import { rmsNorm } from "../onnx/ops/normalization.ts";
import { reshape, split, transpose } from "../onnx/ops/shape.ts";
import type { Weights } from "../weights.ts";
import { createWindow, type Window } from "./attention-window.ts";
import type { StreamState } from "./stream-state.ts";

/** The codec's transformer: x [B, T, latent_dim] to the same shape. */
export function transform(
  x: Value,
  weights: Weights,
  state: StreamState,
  config: CodecDecoderConfig,
): Value {
  const { model } = x;
  const window = model.scope("window", () => createWindow(x, state, config));
  let hidden = linear(x, weights.matrix("input_proj.weight"), weights.tensor("input_proj.bias"));
  for (let index = 0; index < config.num_hidden_layers; index++) {
    hidden = model.scope(`layer.${index}`, () =>
      layer(hidden, weights.under(`layers.${index}`), state, window, config),
    );
  }
  const normed = rmsNorm(hidden, weights.tensor("norm.weight"), config.rms_norm_eps);
  return linear(normed, weights.matrix("output_proj.weight"), weights.tensor("output_proj.bias"));
}

function layer(
  x: Value,
  weights: Weights,
  state: StreamState,
  window: Window,
  config: CodecDecoderConfig,
): Value {
  const { rms_norm_eps, intermediate_size } = config;
  const beforeAttention = rmsNorm(x, weights.tensor("input_layernorm.weight"), rms_norm_eps);
  const attended = attention(beforeAttention, weights.under("self_attn"), state, window, config);
  const afterAttention = add(x, multiply(attended, weights.tensor("self_attn_layer_scale.scale")));

  const normed = rmsNorm(
    afterAttention,
    weights.tensor("post_attention_layernorm.weight"),
    rms_norm_eps,
  );
  const gateAndUp = linear(normed, weights.matrix("mlp.gate_proj.weight", "mlp.up_proj.weight"));
  const [gate, up] = split(gateAndUp, [intermediate_size, intermediate_size], -1);
  const down = linear(multiply(silu(gate), up), weights.matrix("mlp.down_proj.weight"));
  return add(afterAttention, multiply(down, weights.tensor("mlp_layer_scale.scale")));
}

/** The state keeps keys as they were before their rotation, which is done anew by their places in the window. */
function attention(
  x: Value,
  weights: Weights,
  state: StreamState,
  window: Window,
  config: CodecDecoderConfig,
): Value {
  const { num_attention_heads: heads, head_dim, sliding_window } = config;
  const width = heads * head_dim;
  const past = { axis: 2, shape: [heads, sliding_window - 1, head_dim] };
  const byHead = (part: Value) => transpose(reshape(part, [0, 0, heads, head_dim]), [0, 2, 1, 3]);

  const projected = linear(x, weights.matrix("q_proj.weight", "k_proj.weight", "v_proj.weight"));
  const [query, key, value] = split(projected, [width, width, width], -1);
  const keys = state.withPast(`${weights.path}.key`, byHead(key), past);
  const values = state.withPast(`${weights.path}.value`, byHead(value), past);

  const rotatedQuery = rotate(byHead(query), window.firstQuery, window.rotary);
  const rotatedKeys = rotate(keys, window.firstKey, window.rotary);
  const scores = multiply(
    matmul(rotatedQuery, transpose(rotatedKeys, [0, 1, 3, 2])),
    1 / Math.sqrt(head_dim),
  );
  const attended = matmul(softmax(add(scores, window.mask)), values);
  const joined = reshape(transpose(attended, [0, 2, 1, 3]), [0, 0, width]);
  return linear(joined, weights.matrix("o_proj.weight"));
}
