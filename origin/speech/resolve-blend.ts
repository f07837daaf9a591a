import { createHash } from "node:crypto";
import { invalidRequest } from "../../shared/api-error.ts";
import { type ModelId, nativeModels, sibling } from "../../shared/models.ts";
import type { BlendPart, VoiceBlend } from "../../shared/voices/blend.ts";
import type { MixedSpeaker, Utterance } from "../engine/engine.ts";
import { mixVectors } from "../voices/mix.ts";
import type { VoiceFiles } from "../voices/voice-files.ts";

/** What an engine is told of who speaks, where it is no preset speaker alone. */
export type SpokenBy = Pick<Utterance, "mix" | "voice">;

/**
 * Makes of a blend what the engine of a model takes: a kept voice as it is, several as the mean of their vectors, and with
 * presets among them a mixture that the model has to make itself. Throws an ApiError: 424 for a voice whose file is not
 * here, 400 for one that the model did not encode.
 */
export async function resolveBlend(
  { key, parts }: VoiceBlend,
  model: ModelId,
  files: Pick<VoiceFiles, "read">,
): Promise<SpokenBy> {
  const isBase = nativeModels[model].kind === "base";
  const encodedBy = isBase ? model : sibling(model, "base");
  const [first] = parts;
  if (parts.length === 1 && first && "digest" in first) {
    const { vector, reference } = await voiceOf(first.digest);
    return { mix: null, voice: { digest: first.digest, xVector: vector, reference } };
  }
  const mix = await Promise.all(parts.map(mixedOf));
  if (!isBase) return { mix, voice: null };
  const vectors = mix.flatMap((part) => ("vector" in part ? [part] : []));
  const digest = createHash("sha256").update(key).digest("hex");
  return { mix: null, voice: { digest, xVector: mixVectors(vectors), reference: null } };

  async function voiceOf(digest: string) {
    const { encodings, reference } = await files.read(digest);
    const encoding = encodings.get(encodedBy);
    if (encoding) return { vector: encoding.xVector, reference };
    const message = `voice must be one that ${encodedBy} has encoded; ${[...encodings.keys()].join(" and ")} did`;
    throw invalidRequest("voice_not_found", message, "voice");
  }

  async function mixedOf(part: BlendPart): Promise<MixedSpeaker> {
    const { weight } = part;
    if ("speaker" in part) return { speaker: part.speaker, weight };
    const { vector } = await voiceOf(part.digest);
    return { vector, weight };
  }
}

/** Every blend of those passages, by its key, as an engine takes it. */
export async function resolveBlends(
  passages: readonly { blend: VoiceBlend | null }[],
  model: ModelId,
  files: Pick<VoiceFiles, "read">,
): Promise<ReadonlyMap<string, SpokenBy>> {
  const blends = new Map(passages.flatMap(({ blend }) => (blend ? [[blend.key, blend]] : [])));
  const resolved = Array.from(
    blends.values(),
    async (blend) => [blend.key, await resolveBlend(blend, model, files)] as const,
  );
  return new Map(await Promise.all(resolved));
}
