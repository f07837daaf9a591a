import { elementHeader } from "../../shared/http/audio-headers.ts";
import type { SpeechRequest } from "../../shared/speech-request.ts";
import type { Engine } from "../engine/engine.ts";
import type { SpeechPlan } from "./plan.ts";

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

/** Which elements of SSML had no effect: those that the reader does not know, and with some engines those of manner. */
export function elementHeaders(
  { ignoredElements, styledElements }: Pick<SpeechPlan, "ignoredElements" | "styledElements">,
  engine: Engine,
): Record<string, string> {
  const unstyled = engine.ignoredFields.includes("instructions") ? styledElements : [];
  return elementHeader([...ignoredElements, ...unstyled]);
}
