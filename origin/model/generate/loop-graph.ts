/**
 * The graph that speaks: one loop whose body makes one frame of codes for every row of a batch, the talker and the code
 * predictor together, so that one call makes many frames and no cache crosses into JavaScript between them.
 *
 * What an iteration starts from has the length of the prompt in the first one and is a single vector in the others, so
 * one set of nodes does both. The fused attention takes a prompt only as the single row of its call.
 */
import type { Model, Value } from "../onnx/graph.ts";
import { add, cast, subtract } from "../onnx/ops/arithmetic.ts";
import { loop } from "../onnx/ops/loop.ts";
import { operation } from "../onnx/ops/operand.ts";
import { concat, expand, range, reshape, sizeOf, squeeze, unsqueeze } from "../onnx/ops/shape.ts";
import { declareFrame, type GenerateSource, type Tap } from "./declare-frame.ts";
import { type FrameState, frameStep } from "./frame-step.ts";
import type { Precision } from "./precision.ts";

/**
 * Builds the graph into an empty model.
 *
 * Inputs: those of `declareFrame`, and `frames` (int64 scalar: how many to make at most).
 *
 * Outputs: `codes` int64 [n, B, G], `finish` int32 [B] (one of `finishCodes`), `framesMade` int64 [B] (how many of the
 * n count for the row), `embeddings.next` [B, 1, H] (what the next call starts from), `seen.next`, and `cache`
 * [2 · layers, B, KV heads, L + n - 1, head size]: the new positions, key and value of each layer in turn.
 */
export function buildLoop(
  model: Model,
  checkpoint: GenerateSource,
  precision: Precision,
  tap?: Tap,
): void {
  const { parts, inputs, start, length, steps } = declareFrame(model, checkpoint, precision, tap);
  const { config, talker } = parts;
  const { hidden_size: width, vocab_size: vocabulary, num_code_groups: codebooks } = config;
  const [heads, headSize] = talker.cacheShape;

  const limit = model.input("frames", "int64", []);
  const { carried: end, collected } = loop({ limit, carried: start }, (carried, iteration) => {
    model.describe(carried.embeddings, ["B", "L", width]);
    model.describe(carried.seen, ["B", vocabulary]);
    for (const value of [carried.finish, carried.framesMade]) model.describe(value, ["B", 1]);
    const { state, codes, goOn, ...talker } = frameStep(parts, inputs, carried, iteration);
    return { carried: state, collected: { codes, shown: tap?.shown(talker) ?? {} }, goOn };
  });

  model.output("codes", collected.codes, ["n", "B", codebooks]);
  model.output("finish", squeeze(end.finish, [1]), ["B"]);
  model.output("framesMade", squeeze(end.framesMade, [1]), ["B"]);
  model.output("embeddings.next", end.embeddings, ["B", 1, width]);
  model.output("seen.next", end.seen, ["B", vocabulary]);
  const cacheOutput = [2 * start.past.length, "B", heads, "new", headSize];
  const gained = add(subtract(steps, 1), sizeOf(collected.codes, 0));
  model.output("cache", newPositions(length, gained, end.past, heads), cacheOutput);
  for (const [name, value] of Object.entries(collected.shown)) {
    model.output(name, value, ["n", "B", `${name}.size`]);
  }
}

/** Of each row the `count` positions after its old length. */
function newPositions(
  oldLength: Value,
  count: Value,
  past: FrameState["past"],
  heads: number,
): Value {
  const positions = add(unsqueeze(cast(oldLength, "int64"), [1]), range(count));
  const indices = expand(reshape(unsqueeze(positions, [1, 3]), [0, 0, -1, 1]), [1, heads, 1, 1]);
  const rows = (cache: Value) =>
    operation("GatherND", [cache, indices], { attributes: { batch_dims: 2 } });
  const layers = past.flatMap(({ key, value }) => [rows(key), rows(value)]);
  return concat(
    layers.map((layer) => unsqueeze(layer, [0])),
    0,
  );
}
