import { elementHeader } from "../../shared/http/audio-headers.ts";
import type { SpeechRequest } from "../../shared/speech-request.ts";
import type { Engine } from "../engine/engine.ts";
import type { SpeechPlan } from "./plan.ts";

/** The fields of a request that have no effect: those unknown to the API, and those this engine has no use for. */
export function ignoredFields(request: SpeechRequest, engine: Engine): string[] {
  const { instructions, seed, sampling, segmentation, blend, turns } = request;
  const isBlended = blend !== null || turns?.some((turn) => turn.blend !== null);
  const sent: Record<string, unknown> = {
    // Of several voices at once, or a kept one.
    voice: isBlended ? "blend" : null,
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
