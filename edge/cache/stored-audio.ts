import * as z from "zod";
import { formatNames } from "../../shared/formats.ts";
import { endSchema, type SpeechEnd } from "../../shared/frames/frame.ts";
import { toHex } from "../../shared/identity.ts";
import { nativeModelIds } from "../../shared/models.ts";
import { patchWavSizes } from "../../shared/wav-header.ts";

/**
 * What is known of a stored file: what the end frame said of it, with the bytes and digest of the file as it is stored.
 * KV holds at most 1024 bytes of it.
 */
export const audioFactsSchema = endSchema.extend({
  model: z.enum(nativeModelIds),
  format: z.enum(formatNames),
  /** The request's fields that the engine had no use for. */
  ignored_fields: z.array(z.string()),
  /** Unix seconds. */
  stored_at: z.int(),
});

export type AudioFacts = z.infer<typeof audioFactsSchema>;

/** A stored file as it is read: its bytes are proven only at their end, see `readStoredAudio`. */
export interface StoredAudio {
  facts: AudioFacts;
  body: ReadableStream<Uint8Array>;
}

/** A whole file in memory. */
export interface AudioFile {
  facts: AudioFacts;
  bytes: Uint8Array<ArrayBuffer>;
}

/** Makes one file of an answer's audio, with the true sizes in a WAV header: what is stored under its digest. */
export async function assembleFile(
  audio: readonly Uint8Array[],
  end: SpeechEnd,
  about: Pick<AudioFacts, "model" | "format" | "ignored_fields">,
): Promise<AudioFile> {
  const bytes = new Uint8Array(end.bytes);
  let at = 0;
  for (const part of audio) {
    bytes.set(part, at);
    at += part.byteLength;
  }
  let { sha256 } = end;
  if (about.format === "wav") {
    patchWavSizes(bytes);
    sha256 = toHex(await crypto.subtle.digest("SHA-256", bytes));
  }
  const stored_at = Math.floor(Date.now() / 1000);
  return { bytes, facts: { ...end, ...about, sha256, stored_at } };
}

export function ageSeconds({ stored_at }: AudioFacts): number {
  return Math.max(0, Math.floor(Date.now() / 1000) - stored_at);
}
