import type { SpeechRequest } from "../../shared/speech-request.ts";
import type { Engine } from "../engine/engine.ts";

/** The fields of a request that have no effect: those unknown to the API, and those this engine has no use for. */
export function ignoredFields(request: SpeechRequest, engine: Engine): string[] {
  const { instructions, seed, sampling, segmentation } = request;
  const sent: Record<string, unknown> = {
    instructions,
    seed,
    temperature: sampling.temperature,
    top_k: sampling.topK,
    top_p: sampling.topP,
    repetition_penalty: sampling.repetitionPenalty,
    segmentation: segmentation === "off" ? segmentation : null,
  };
  return [...request.ignoredFields, ...engine.ignoredFields.filter((name) => sent[name] != null)];
}
