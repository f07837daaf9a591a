import type { TalkerConfig } from "../checkpoint/model-config.ts";
import type { Model, Value } from "../onnx/graph.ts";
import { add, divide, equal, less, multiply, or, where } from "../onnx/ops/arithmetic.ts";

/** The last ids of the vocabulary are controls, which the official code suppresses, all but the end of speech. */
const controlTokens = 1024;
/** `min_new_tokens` of the official code: the end of speech is never one of the first two tokens. */
const minTokens = 2;

/** What a talker may say next, applied to its raw logits before they are sampled. */
export interface TalkerRules {
  /**
   * logits [B, vocabulary], seen bool [B, vocabulary] (the row's first-codebook tokens so far), frame int64 [B, 1] (how
   * many of them there are).
   */
  apply(logits: Value, seen: Value, frame: Value): Value;
  /** Adds token int64 [B, 1] to what was seen. */
  remember(seen: Value, token: Value): Value;
}

/**
 * The logits processors of the official code in their order: repetition penalty over the set of tokens seen, least
 * length, suppressed tokens. `penalty` is float32 [B, 1].
 */
export function createTalkerRules(model: Model, config: TalkerConfig, penalty: Value): TalkerRules {
  const { vocab_size: vocabulary, codec_eos_token_id: end } = config;
  /** 0 for what may be said, added to the logits. */
  const bars = (name: string, allows: (id: number) => boolean) =>
    model.initializer(`talker.rules.${name}`, "float32", [vocabulary], () =>
      Float32Array.from({ length: vocabulary }, (_, id) =>
        allows(id) ? 0 : Number.NEGATIVE_INFINITY,
      ),
    );
  const isCode = (id: number) => id < vocabulary - controlTokens;
  const onlyCodes = bars("only_codes", (id) => isCode(id) && id !== end);
  const codesAndEnd = bars("codes_and_end", (id) => isCode(id) || id === end);
  const ids = model.initializer("talker.rules.ids", "int64", [1, vocabulary], () =>
    BigInt64Array.from({ length: vocabulary }, (_, id) => BigInt(id)),
  );

  return {
    apply(logits, seen, frame) {
      const penalized = where(less(logits, 0), multiply(logits, penalty), divide(logits, penalty));
      const barred = where(less(frame, minTokens), onlyCodes, codesAndEnd);
      return add(where(seen, penalized, logits), barred);
    },
    remember: (seen, token) => or(seen, equal(ids, token)),
  };
}
