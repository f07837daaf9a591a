import type { TalkerConfig } from "../checkpoint/model-config.ts";
import type { Value } from "../onnx/graph.ts";
import { add, cast, equal, greaterOrEqual, multiply, sum, where } from "../onnx/ops/arithmetic.ts";
import { reduceMax } from "../onnx/ops/reduction.ts";
import { concat, gather, slice, unsqueeze } from "../onnx/ops/shape.ts";
import type { CodePredictor } from "./code-predictor.ts";
import type { Sampler } from "./sampler.ts";
import type { Talker } from "./talker.ts";
import type { TalkerRules } from "./talker-rules.ts";
import type { KeyValue } from "./transformer.ts";

/** How a row of a call ended, if it did. */
export const finishCodes = { running: 0, eos: 1, limit: 2 } as const;

/** What one frame hands to the next. */
export interface FrameState {
  /** [B, L, H]: the prompt, later the vector of the last frame. */
  embeddings: Value;
  past: readonly KeyValue[];
  /** bool [B, vocabulary]: first codes so far. */
  seen: Value;
  /** int32 [B, 1], one of `finishCodes`. */
  finish: Value;
  /** int64 [B, 1]: frames of this call that count. */
  framesMade: Value;
}

export interface FrameParts {
  config: TalkerConfig;
  talker: Talker;
  rules: TalkerRules;
  sampleFirst: Sampler;
  predict: CodePredictor;
}

export interface FrameInputs {
  /** int32 [B]: the position of each row's last vector in the first frame of the call. */
  lastPosition: Value;
  /** int32 scalar: positions of the longest row when the last frame of the call is made. */
  total: Value;
  /** int64 [B, 1]: frames made by earlier calls. */
  firstFrame: Value;
  /** int64 [B, 1] */
  frameLimit: Value;
  /** [frames, B, H] */
  trailing: Value;
  /** [frames, B, codebooks] */
  uniforms: Value;
}

/**
 * Makes one frame of every row: the body of the loop. `codes` is int64 [B, codebooks]; `hidden` [B, 1, H] and `logits`
 * [B, vocabulary] are what the talker said before any rule.
 */
export function frameStep(
  { config, talker, rules, sampleFirst, predict }: FrameParts,
  { lastPosition, total, firstFrame, frameLimit, trailing, uniforms }: FrameInputs,
  state: FrameState,
  iteration: Value,
): { state: FrameState; codes: Value; goOn: Value; hidden: Value; logits: Value } {
  const { hidden, logits, present } = talker.run(state.embeddings, state.past, {
    last: add(lastPosition, cast(iteration, "int32")),
    total,
  });

  const frame = add(firstFrame, iteration);
  // Slices, not one split: WebGPU has no room for so many results in one kernel.
  const drawn = gather(uniforms, iteration);
  const uniformOf = (code: number) => slice(drawn, { axis: 1, start: code, end: code + 1 });
  const otherCodes = Array.from({ length: config.num_code_groups - 1 }, (_, index) => index + 1);
  const first = sampleFirst(rules.apply(logits, state.seen, frame), uniformOf(0));
  const firstEmbedding = talker.embed(first);
  const others = predict(hidden, firstEmbedding, otherCodes.map(uniformOf));

  // A row that has ended steps on with the others; nothing it makes counts.
  const { running, eos, limit } = finishCodes;
  const atLimit = cast(greaterOrEqual(frame, frameLimit), "int32");
  const isEos = equal(first, config.codec_eos_token_id);
  const ending = where(isEos, eos, multiply(atLimit, limit));
  const finish = where(equal(state.finish, running), ending, state.finish);
  const counts = cast(equal(finish, running), "int64");

  return {
    state: {
      embeddings: sum([
        firstEmbedding,
        ...others.embeddings,
        unsqueeze(gather(trailing, iteration), [1]),
      ]),
      past: present,
      seen: rules.remember(state.seen, first),
      finish,
      framesMade: add(state.framesMade, counts),
    },
    codes: concat([first, ...others.codes], 1),
    goOn: cast(reduceMax(counts, [0, 1]), "bool"),
    hidden,
    logits,
  };
}
