/**
 * The graph of a single frame, of the same nodes as the loop, for devices that have no loops but on which tensors can
 * stay between calls: the caches go from one call to the next without leaving the device.
 */
import type { Model } from "../onnx/graph.ts";
import { squeeze, unsqueeze } from "../onnx/ops/shape.ts";
import { declareFrame, type GenerateSource, type Tap } from "./declare-frame.ts";
import { frameStep } from "./frame-step.ts";
import type { Precision } from "./precision.ts";

/** What a cache is called that goes into a call, and what comes out for the next. */
export function cacheNames(layers: number): { input: string; output: string }[] {
  return Array.from({ length: layers }, (_, layer) => [`key.${layer}`, `value.${layer}`])
    .flat()
    .map((input) => ({ input, output: `${input}.next` }));
}

/**
 * Builds the graph into an empty model.
 *
 * Inputs: those of `declareFrame`, for one frame.
 *
 * Outputs: `codes` int64 [1, B, G], `finish` int32 [B] (one of `finishCodes`), `embeddings.next` [B, 1, H] (what the
 * next call starts from), `seen.next`, and the caches with the new positions, `key.i.next` and `value.i.next` per layer.
 */
export function buildFrame(
  model: Model,
  checkpoint: GenerateSource,
  precision: Precision,
  tap?: Tap,
): void {
  const { parts, inputs, start } = declareFrame(model, checkpoint, precision, tap);
  const { config, talker } = parts;
  const [heads, headSize] = talker.cacheShape;
  const only = model.constant("int64", 0);
  const { state, codes, hidden, logits } = frameStep(parts, inputs, start, only);
  const shown = tap?.shown({ hidden, logits }) ?? {};

  model.output("codes", unsqueeze(codes, [0]), [1, "B", config.num_code_groups]);
  model.output("finish", squeeze(state.finish, [1]), ["B"]);
  model.output("embeddings.next", state.embeddings, ["B", 1, config.hidden_size]);
  model.output("seen.next", state.seen, ["B", config.vocab_size]);
  const caches = state.past.flatMap(({ key, value }) => [key, value]);
  for (const [index, { output }] of cacheNames(state.past.length).entries()) {
    const cache = caches[index];
    if (cache) model.output(output, cache, ["B", heads, "T", headSize]);
  }
  for (const [name, value] of Object.entries(shown)) {
    model.output(name, unsqueeze(value, [0]), [1, "B", `${name}.size`]);
  }
}
