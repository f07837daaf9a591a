// What the graph of a loop of frames and that of a single frame have in common: weights, inputs and the first state.
import type { ModelConfig } from "../checkpoint/model-config.ts";
import type { Model, Value } from "../onnx/graph.ts";
import type { WeightFormat } from "../onnx/linear.ts";
import { add, cast, subtract } from "../onnx/ops/arithmetic.ts";
import { expand, sizeOf, unsqueeze } from "../onnx/ops/shape.ts";
import { createWeights, type TensorSource } from "../weights.ts";
import { createCodePredictor } from "./code-predictor.ts";
import type { FrameInputs, FrameParts, FrameState } from "./frame-step.ts";
import { type Precision, precisions } from "./precision.ts";
import { createSampler, type Sampler } from "./sampler.ts";
import { samplingInputs } from "./sampling-parameters.ts";
import { createTalker, type StoredWeights } from "./talker.ts";
import { createTalkerRules } from "./talker-rules.ts";

export interface GenerateSource {
  config: ModelConfig;
  tensors: TensorSource;
}

/** Takes the place of the samplers and their parameters, and adds outputs that show how the frames come about. */
export interface Tap {
  sampler(decoder: "talker" | "predictor"): Sampler;
  /**
   * What to show of the frame step just built, in which `sampler`s have been called for each of its codes: values
   * [B, elements] by the name of their output, which is [n, B, elements].
   */
  shown(talker: { hidden: Value; logits: Value }): Readonly<Record<string, Value>>;
}

export interface Frame {
  parts: FrameParts;
  inputs: FrameInputs;
  start: FrameState;
  /** int32 [B]: valid positions of each row's cache. */
  length: Value;
  /** An int64 scalar: what the first frame adds to them. */
  steps: Value;
}

/**
 * Declares what frames are made from. B rows, L vectors to start from, P positions in the cache (right-padded), G
 * codebooks, H the talker's width, V its vocabulary.
 *
 * Inputs: `embeddings` [B, L, H], `length` int32 [B] (valid positions of the cache), `total` int32 scalar (positions of
 * the longest row with all that the call adds), `key.i` and `value.i` [B, KV heads, P, head size] per layer, `frame` int64
 * [B] (frames each row has so far), `frameLimit` int64 [B] (how many it may have in all), `seen` bool [B, V], `trailing`
 * [frames, B, H] (what is added to each frame's vector), `uniforms` [frames, B, G], `repetitionPenalty` [B], and the
 * sampling parameters of `talker` and `predictor`.
 */
export function declareFrame(
  model: Model,
  checkpoint: GenerateSource,
  precision: Precision,
  tap?: Tap,
): Frame {
  const { talker_config: config } = checkpoint.config;
  const { hidden_size: width, vocab_size: vocabulary, num_code_groups: codebooks } = config;
  const formats = precisions[precision];
  const stored = (prefix: string, decoder: keyof typeof formats): StoredWeights => {
    const weights = (format: WeightFormat) =>
      createWeights(model, checkpoint.tensors, { format, prefix });
    const layers = formats[decoder];
    return {
      layers: weights(layers),
      heads: weights(layers === "float16" ? "float32" : layers),
      exact: weights("float32"),
    };
  };
  const talker = createTalker(model, config, stored("talker.", "talker"));
  const [heads, headSize] = talker.cacheShape;

  const perRow = (name: string, type: "int64" | "float32") =>
    unsqueeze(model.input(name, type, ["B"]), [1]);
  const cacheInput = (name: string) =>
    model.input(name, talker.cacheType, ["B", heads, "P", headSize]);
  const embeddings = model.input("embeddings", "float32", ["B", "L", width]);
  const batch = sizeOf(embeddings, 0);
  const none = model.describe(expand(model.constant("int64", [0], [1, 1]), [batch, 1]), ["B", 1]);
  const length = model.input("length", "int32", ["B"]);
  const steps = sizeOf(embeddings, 1);
  const start: FrameState = {
    embeddings,
    past: Array.from({ length: config.num_hidden_layers }, (_, layer) => ({
      key: cacheInput(`key.${layer}`),
      value: cacheInput(`value.${layer}`),
    })),
    seen: model.input("seen", "bool", ["B", vocabulary]),
    finish: cast(none, "int32"),
    framesMade: none,
  };
  const inputs: FrameInputs = {
    lastPosition: add(length, cast(subtract(steps, 1), "int32")),
    total: model.input("total", "int32", []),
    firstFrame: perRow("frame", "int64"),
    frameLimit: perRow("frameLimit", "int64"),
    trailing: model.input("trailing", "float32", ["frames", "B", width]),
    uniforms: model.input("uniforms", "float32", ["frames", "B", codebooks]),
  };
  const sampler = (decoder: "talker" | "predictor") =>
    tap?.sampler(decoder) ?? createSampler(samplingInputs(model, decoder));
  const parts: FrameParts = {
    config,
    talker,
    rules: createTalkerRules(model, config, perRow("repetitionPenalty", "float32")),
    sampleFirst: sampler("talker"),
    predict: createCodePredictor(model, {
      config,
      weights: stored("talker.code_predictor.", "predictor"),
      sample: sampler("predictor"),
      batch,
    }),
  };
  return { parts, inputs, start, length, steps };
}
