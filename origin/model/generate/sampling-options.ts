import type { Sampling } from "../../../shared/speech-request.ts";
import type { GenerationConfig } from "../checkpoint/generation-config.ts";
import type { StreamOptions } from "./stream-state.ts";

/**
 * How a request is sampled: what it asks for, else what the checkpoint says. As in the official code, a request's values
 * are the talker's and the code predictor keeps the checkpoint's; temperature 0 makes both greedy.
 */
export function resolveSampling(
  config: GenerationConfig,
  asked: Sampling,
): Pick<StreamOptions, "talker" | "predictor" | "repetitionPenalty"> {
  const isGreedy = asked.temperature === 0;
  return {
    repetitionPenalty: asked.repetitionPenalty ?? config.repetition_penalty,
    talker: {
      temperature: asked.temperature || config.temperature,
      topK: asked.topK ?? config.top_k,
      topP: asked.topP ?? config.top_p,
      greedy: isGreedy || !config.do_sample,
    },
    predictor: {
      temperature: config.subtalker_temperature,
      topK: config.subtalker_top_k,
      topP: config.subtalker_top_p,
      greedy: isGreedy || !config.subtalker_dosample,
    },
  };
}
