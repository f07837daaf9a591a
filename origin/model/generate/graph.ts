/**
 * The graph that speaks: one loop whose body makes one frame of codes for every row of a batch, the talker and the code
 * predictor together, so that one call makes many frames and no cache crosses into JavaScript between them.
 *
 * What an iteration starts from has the length of the prompt in the first one and is a single vector in the others, so
 * one set of nodes does both. The fused attention takes a prompt only as the single row of its call.
 */
import type { ModelConfig } from "../checkpoint/model-config.ts";
import type { Value } from "../onnx/graph.ts";
import type { Model } from "../onnx/model.ts";
import { add, cast, subtract } from "../onnx/ops/arithmetic.ts";
import { loop } from "../onnx/ops/loop.ts";
import { operation } from "../onnx/ops/operand.ts";
import { reduceMax } from "../onnx/ops/reduction.ts";
import { concat, expand, range, reshape, sizeOf, squeeze, unsqueeze } from "../onnx/ops/shape.ts";
import { createWeights, type TensorSource } from "../weights.ts";
import { createCodePredictor } from "./code-predictor.ts";
import { type FrameInputs, type FrameParts, type FrameState, frameStep } from "./frame-step.ts";
import { type Precision, precisions } from "./precision.ts";
import { createSampler, type Sampler, samplingInputs } from "./sampler.ts";
import { createTalker, type StoredWeights } from "./talker.ts";
import { createTalkerRules } from "./talker-rules.ts";

/** Takes the place of the samplers and their parameters, and adds outputs that show how the frames come about. */
export interface Tap {
  sampler(decoder: "talker" | "predictor"): Sampler;
  /**
   * What to show of the frame step just built, in which `sampler`s have been called for each of its codes: values
   * [B, elements] by the name of their output, which is [n, B, elements].
   */
  shown(talker: { hidden: Value; logits: Value }): Readonly<Record<string, Value>>;
}

/**
 * Builds the graph into an empty model. B rows, L vectors to start from, P positions in the cache (right-padded), G
 * codebooks, H the talker's width, V its vocabulary.
 *
 * Inputs: `frames` (int64 scalar: how many at most), `embeddings` [B, L, H], `length` int32 [B] (valid positions of
 * the cache), `key.i` and `value.i` [B, KV heads, P, head size] per layer, `frame` int64 [B] (frames each row has so
 * far), `frameLimit` int64 [B] (how many it may have in all), `seen` bool [B, V], `trailing` [frames, B, H] (what is
 * added to each frame's vector), `uniforms` [frames, B, G], `repetitionPenalty` [B], and the sampling parameters of
 * `talker` and `predictor`.
 *
 * Outputs: `codes` int64 [n, B, G], `finish` int32 [B] (one of `finishCodes`), `framesMade` int64 [B] (how many of the
 * n count for the row), `embeddings.next` [B, 1, H] (what the next call starts from), `seen.next`, and `cache`
 * [2 · layers, B, KV heads, L + n - 1, head size]: the new positions, key and value of each layer in turn.
 */
export function buildGenerate(
  model: Model,
  checkpoint: { config: ModelConfig; tensors: TensorSource },
  precision: Precision,
  tap?: Tap,
): void {
  const { talker_config: config } = checkpoint.config;
  const { hidden_size: width, vocab_size: vocabulary, num_code_groups: codebooks } = config;
  const formats = precisions[precision];
  const stored = (prefix: string, decoder: keyof typeof formats): StoredWeights => ({
    layers: createWeights(model, checkpoint.tensors, { format: formats[decoder], prefix }),
    exact: createWeights(model, checkpoint.tensors, { format: "float32", prefix }),
  });
  const talker = createTalker(model, config, stored("talker.", "talker"));
  const [heads, headSize] = talker.cacheShape;

  const perRow = (name: string, type: "int64" | "float32") =>
    unsqueeze(model.input(name, type, ["B"]), [1]);
  const cacheInput = (name: string) =>
    model.input(name, talker.cacheType, ["B", heads, "P", headSize]);
  const embeddings = model.input("embeddings", "float32", ["B", "L", width]);
  const batch = sizeOf(embeddings, 0);
  const none = expand(model.constant("int64", [0], [1, 1]), [batch, 1]);
  const start: FrameState = {
    embeddings,
    length: model.input("length", "int32", ["B"]),
    past: Array.from({ length: config.num_hidden_layers }, (_, layer) => ({
      key: cacheInput(`key.${layer}`),
      value: cacheInput(`value.${layer}`),
    })),
    seen: model.input("seen", "bool", ["B", vocabulary]),
    finish: cast(none, "int32"),
    framesMade: none,
  };
  const inputs: FrameInputs = {
    firstFrame: perRow("frame", "int64"),
    frameLimit: perRow("frameLimit", "int64"),
    trailing: model.input("trailing", "float32", ["frames", "B", width]),
    uniforms: model.input("uniforms", "float32", ["frames", "B", codebooks]),
  };
  const sampler = (decoder: "talker" | "predictor", size: number) =>
    tap?.sampler(decoder) ?? createSampler(samplingInputs(model, decoder), size);
  const parts: FrameParts = {
    config,
    talker,
    rules: createTalkerRules(model, config, perRow("repetitionPenalty", "float32")),
    sampleFirst: sampler("talker", vocabulary),
    predict: createCodePredictor(model, {
      config,
      weights: stored("talker.code_predictor.", "predictor"),
      sample: sampler("predictor", config.code_predictor_config.vocab_size),
      batch,
    }),
  };

  const limit = model.input("frames", "int64", []);
  const { carried: end, collected } = loop({ limit, carried: start }, (carried, iteration) => {
    const { state, codes, goOn, ...talker } = frameStep(parts, inputs, carried, iteration);
    return { carried: state, collected: { codes, shown: tap?.shown(talker) ?? {} }, goOn };
  });

  model.output("codes", collected.codes, ["n", "B", codebooks]);
  model.output("finish", squeeze(end.finish, [1]), ["B"]);
  model.output("framesMade", squeeze(end.framesMade, [1]), ["B"]);
  model.output("embeddings.next", end.embeddings, ["B", 1, width]);
  model.output("seen.next", end.seen, ["B", vocabulary]);
  const cacheOutput = [2 * start.past.length, "B", heads, "new", headSize];
  model.output("cache", newPositions(start.length, end, heads), cacheOutput);
  for (const [name, value] of Object.entries(collected.shown)) {
    model.output(name, value, ["n", "B", `${name}.size`]);
  }
}

/** Each row's positions from the old length to the new one, which are equally many for all rows. */
function newPositions(
  oldLength: Value,
  grown: Pick<FrameState, "length" | "past">,
  heads: number,
): Value {
  const count = cast(reduceMax(subtract(grown.length, oldLength), [0]), "int64");
  const positions = add(unsqueeze(cast(oldLength, "int64"), [1]), range(count));
  const indices = expand(reshape(unsqueeze(positions, [1, 3]), [0, 0, -1, 1]), [1, heads, 1, 1]);
  const rows = (cache: Value) =>
    operation("GatherND", [cache, indices], { attributes: { batch_dims: 2 } });
  const layers = grown.past.flatMap(({ key, value }) => [rows(key), rows(value)]);
  return concat(
    layers.map((layer) => unsqueeze(layer, [0])),
    0,
  );
}
