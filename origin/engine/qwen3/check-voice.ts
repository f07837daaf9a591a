import { type ApiError, invalidRequest } from "../../../shared/api-error.ts";
import type { LoadedPack } from "../../model/pack/open-pack.ts";
import type { Utterance } from "../engine.ts";

/** Throws an ApiError (400) when a model of that kind does not speak with such a voice. */
export function checkVoice(
  { config, manifest }: Pick<LoadedPack, "config" | "manifest">,
  { speaker, mix, voice }: Pick<Utterance, "speaker" | "mix" | "voice">,
): void {
  const { model, shapes } = manifest;
  const given = [speaker, mix, voice].filter((part) => part !== null).length;
  if (given > 1) throw refusal("one of a preset, a mixture and a cloned voice; several are given");
  const { tts_model_type: kind } = config;
  if (kind === "base" && !voice) throw refusal(`a cloned voice with ${model}; none is given`);
  if (kind === "voice_design" && (mix || voice)) {
    throw refusal(`left out with ${model}, whose instructions describe it; one is given`);
  }
  const { reference } = voice ?? {};
  if (!reference) return;
  const { codes, frames } = reference;
  if (frames > 0 && codes.length === frames * shapes.codebooks) return;
  throw refusal(
    `one with ${shapes.codebooks} codes for each of its frames; it has ${codes.length} for ${frames}`,
  );
}

function refusal(rule: string): ApiError {
  return invalidRequest("voice_not_found", `voice must be ${rule}`, "voice");
}
