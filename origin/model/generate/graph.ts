/**
 * The graph that speaks: one loop whose body makes one frame of codes for every row of a batch, the talker and the code
 * predictor together, so that one call makes many frames and no cache crosses into JavaScript between them.
 *
 * The vectors a call starts from have the length of the prompt in the first iteration and 1 in the others, which lets
 * one set of nodes do both. The fused attention takes longer starts only for one row.
 */
import type { ModelConfig } from "../checkpoint/model-config.ts";
import type { Value } from "../onnx/graph.ts";
import type { Model } from "../onnx/model.ts";
import { add, cast, equal, greaterOrEqual, subtract, sum, where } from "../onnx/ops/arithmetic.ts";
import { loop } from "../onnx/ops/control-flow.ts";
import { operation } from "../onnx/ops/operand.ts";
import { reduceMax } from "../onnx/ops/reduction.ts";
import {
  concat,
  expand,
  gather,
  range,
  reshape,
  sizeOf,
  split,
  squeeze,
  unsqueeze,
} from "../onnx/ops/shape.ts";
import { createWeights, type TensorSource } from "../weights.ts";
import { createCodePredictor } from "./code-predictor.ts";
import { type Precision, precisions } from "./precision.ts";
import { createSampler, samplingInputs } from "./sampler.ts";
import { createTalker, type StoredWeights } from "./talker.ts";
import { createTalkerRules } from "./talker-rules.ts";
import type { KeyValue } from "./transformer.ts";

/** Values of the output `finish`. */
export const finishCodes = { running: 0, eos: 1, limit: 2 } as const;

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
 * Outputs: `codes` int64 [n, B, G], `finish` int32 [B], `framesMade` int64 [B] (how many of the n count for the row),
 * `embeddings.next` [B, 1, H] (what the next call starts from), `seen.next`, and `cache` [2 · layers, B, KV heads,
 * L + n - 1, head size]: the new positions, key and value of each layer in turn.
 */
export function buildGenerate(
  model: Model,
  checkpoint: { config: ModelConfig; tensors: TensorSource },
  precision: Precision,
): void {
  const { talker_config: config } = checkpoint.config;
  const { hidden_size: width, vocab_size: vocabulary, num_code_groups: codebooks } = config;
  const formats = precisions[precision];
  const stored = (prefix: string, format: "talker" | "predictor"): StoredWeights => {
    const under = `${prefix}.`;
    return {
      layers: createWeights(model, checkpoint.tensors, { format: formats[format], prefix: under }),
      exact: createWeights(model, checkpoint.tensors, { format: "float32", prefix: under }),
    };
  };
  const talker = createTalker(model, config, stored("talker", "talker"));
  const [heads, headSize] = talker.cacheShape;

  const frames = model.input("frames", "int64", []);
  const embeddings = model.input("embeddings", "float32", ["B", "L", width]);
  const length = model.input("length", "int32", ["B"]);
  const cacheInput = (name: string) => model.input(name, "float32", ["B", heads, "P", headSize]);
  const past: KeyValue[] = Array.from({ length: config.num_hidden_layers }, (_, layer) => ({
    key: cacheInput(`key.${layer}`),
    value: cacheInput(`value.${layer}`),
  }));
  const perRow = (name: string, type: "int64" | "float32") =>
    unsqueeze(model.input(name, type, ["B"]), [1]);
  const firstFrame = perRow("frame", "int64");
  const frameLimit = perRow("frameLimit", "int64");
  const seen = model.input("seen", "bool", ["B", vocabulary]);
  const trailing = model.input("trailing", "float32", ["frames", "B", width]);
  const uniforms = model.input("uniforms", "float32", ["frames", "B", codebooks]);

  const batch = sizeOf(embeddings, 0);
  const rules = createTalkerRules(model, config, perRow("repetitionPenalty", "float32"));
  const sampleFirst = createSampler(samplingInputs(model, "talker"), vocabulary);
  const predict = createCodePredictor(model, {
    config,
    weights: stored("talker.code_predictor", "predictor"),
    sample: createSampler(
      samplingInputs(model, "predictor"),
      config.code_predictor_config.vocab_size,
    ),
    batch,
  });
  const none = expand(model.constant("int64", [0], [1, 1]), [batch, 1]);

  const { carried, collected } = loop(
    {
      limit: frames,
      carried: {
        embeddings,
        length,
        past,
        seen,
        finish: cast(none, "int32"),
        framesMade: none,
      },
    },
    (state, iteration) => {
      const steps = cast(sizeOf(state.embeddings, 1), "int32");
      const newLength = add(state.length, steps);
      const { hidden, logits, present } = talker.run(state.embeddings, state.past, {
        last: subtract(newLength, 1),
        total: reduceMax(newLength, [0]),
      });

      const frame = add(firstFrame, iteration);
      const parts = split(gather(uniforms, iteration), Array(codebooks).fill(1), 1);
      const [firstUniform, ...otherUniforms] = parts as [Value, ...Value[]];
      const first = sampleFirst(rules.apply(logits, state.seen, frame), firstUniform);
      const firstEmbedding = talker.embed(first);
      const others = predict(hidden, firstEmbedding, otherUniforms);

      const atLimit = where(
        greaterOrEqual(frame, frameLimit),
        model.constant("int32", finishCodes.limit),
        finishCodes.running,
      );
      const ending = where(equal(first, config.codec_eos_token_id), finishCodes.eos, atLimit);
      const running = equal(state.finish, finishCodes.running);
      const finish = where(running, ending, state.finish);
      const stillRunning = cast(equal(finish, finishCodes.running), "int64");

      return {
        carried: {
          embeddings: sum([
            firstEmbedding,
            ...others.embeddings,
            unsqueeze(gather(trailing, iteration), [1]),
          ]),
          length: newLength,
          past: present,
          seen: rules.remember(state.seen, first),
          finish,
          framesMade: add(state.framesMade, stillRunning),
        },
        collected: { codes: concat([first, ...others.codes], 1) },
        goOn: cast(reduceMax(stillRunning, [0, 1]), "bool"),
      };
    },
  );

  model.output("codes", collected.codes, ["n", "B", codebooks]);
  model.output("finish", squeeze(carried.finish, [1]), ["B"]);
  model.output("framesMade", squeeze(carried.framesMade, [1]), ["B"]);
  model.output("embeddings.next", carried.embeddings, ["B", 1, width]);
  model.output("seen.next", carried.seen, ["B", vocabulary]);
  model.output("cache", newPositions(length, carried, heads), [
    2 * past.length,
    "B",
    heads,
    "new",
    headSize,
  ]);
}

/** Each row's positions from the old length to the new one, which are equally many for all rows. */
function newPositions(
  oldLength: Value,
  grown: { length: Value; past: readonly KeyValue[] },
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
