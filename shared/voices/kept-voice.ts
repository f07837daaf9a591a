import * as z from "zod";
import { type ModelId, nativeModelIds } from "../models.ts";

/** What the ids of kept voices look like. */
export const voiceIdPattern = /^voice_[0-9a-f]{32}$/;

/** A voice that somebody made and this server keeps, as far as a request that names it needs to know it. */
export const keptVoiceSchema = z.object({
  id: z.string().regex(voiceIdPattern),
  name: z.string(),
  /** Names what it sounds like: SHA-256 of its file, in hexadecimal. */
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  /** The models that know its speaker: those that encoded it. */
  models: z.array(z.enum(nativeModelIds as [ModelId, ...ModelId[]])).min(1),
});

export type KeptVoice = z.infer<typeof keptVoiceSchema>;

/** How names of kept voices are compared: in any case, and among white space. */
export function foldVoiceName(name: string): string {
  return name.trim().normalize("NFC").toLowerCase();
}

/** Finds a voice by its id or its name. */
export function findKeptVoice(kept: readonly KeptVoice[], name: string): KeptVoice | undefined {
  const folded = foldVoiceName(name);
  return kept.find((voice) => voice.id === folded || foldVoiceName(voice.name) === folded);
}
