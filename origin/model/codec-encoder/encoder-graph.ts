import type { CodecConfig } from "../checkpoint/codec-config.ts";
import { createStreamState, type StateTensor, type StreamState } from "../codec/stream-state.ts";
import type { Model, Value } from "../onnx/graph.ts";
import { add, equal, where } from "../onnx/ops/arithmetic.ts";
import { convolve } from "../onnx/ops/convolution.ts";
import {
  concat,
  expand,
  padToMultiple,
  sizeOf,
  slice,
  squeeze,
  transpose,
  unsqueeze,
} from "../onnx/ops/shape.ts";
import { createWeights, type TensorSource, type Weights } from "../weights.ts";
import { convolveWaveform } from "./convolutions.ts";
import { quantize } from "./quantizer.ts";
import { transform } from "./transformer.ts";

/** Of the transformer, that a stream has passed. */
const positions: StateTensor = { name: "positions", type: "int64", shape: [] };

/**
 * The codec's encoder (Mimi, Défossez et al. 2024) as a stream: whole frames per call, and at last any number of samples,
 * with what a stream keeps between calls as inputs and outputs. The calls' results joined are the result of one call over
 * all of it, so a long recording takes no more memory than a call, but for keys and values. A call is for one stream.
 *
 * In: `samples` float32 [1, samples], `state.*`. Out: `codes` int64 [1, T, codebooks], `next.*`.
 */
export function buildCodecEncoder(model: Model, source: TensorSource, codec: CodecConfig): void {
  const { encoder_config: config, encoder_valid_num_quantizers: codebooks } = codec;
  const weights = createWeights(model, source, { format: "float32", prefix: "encoder." });
  const state = createStreamState(model);
  const samples = model.input("samples", "float32", ["batch", "samples"]);

  const features = model.scope("convolutions", () =>
    convolveWaveform(unsqueeze(samples, [1]), weights.under("encoder.layers"), state, config),
  );
  const past = squeeze(state.previous(positions), [0]);
  state.next(positions, unsqueeze(add(past, sizeOf(features, 2)), [0]));
  const rows = model.scope("transformer", () =>
    transform(transpose(features, [0, 2, 1]), past, weights.under("encoder_transformer"), config),
  );
  const frames = model.scope("downsample", () =>
    downsample(transpose(rows, [0, 2, 1]), past, weights.under("downsample.conv"), state),
  );
  const codes = model.scope("quantizer", () =>
    quantize(transpose(frames, [0, 2, 1]), weights.under("quantizer"), config, codebooks),
  );
  model.output("codes", codes, ["batch", "frames", codebooks]);
}

/**
 * x [B, C, T] to [B, C, T / stride], without a bias. Where other layers see zeros, before the beginning and after the end,
 * this one sees the first and the last step again.
 */
function downsample(x: Value, past: Value, weights: Weights, state: StreamState): Value {
  const [outputs = 1, inputs = 1, kernel = 1] = weights.shape("weight");
  const stride = kernel / 2;
  const before = kernel - stride;
  const history: StateTensor = { name: weights.path, type: "float32", shape: [inputs, before] };
  const first = expand(slice(x, { axis: 2, start: 0, end: 1 }), [1, inputs, before]);
  const joined = concat([where(equal(past, 0), first, state.previous(history)), x], 2);
  state.next(history, slice(joined, { axis: 2, start: -before }));
  const whole = padToMultiple(joined, stride, { axis: 2, mode: "edge" });
  const weight = weights.tensor("weight", [outputs, inputs, 1, kernel]);
  return convolve(whole, weight, null, { stride });
}
