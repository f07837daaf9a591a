import { createBodyDigest } from "../digest.ts";
import type { StoredAudio } from "./stored-audio.ts";

/** What was stored is not what it was stored as. */
export class DamagedAudioError extends Error {
  override readonly name = "DamagedAudioError";
}

/**
 * Reads a stored file, its last part only once length and digest are seen to match: a reader that counts bytes would
 * otherwise take a damaged file for a whole one. Throws DamagedAudioError, before the last part, when they do not.
 */
export async function* readStoredAudio({
  facts,
  body,
}: StoredAudio): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  const digest = createBodyDigest();
  let byteCount = 0;
  let held: Uint8Array<ArrayBuffer> | undefined;
  for await (const chunk of body) {
    const part = chunk as Uint8Array<ArrayBuffer>;
    byteCount += part.byteLength;
    if (byteCount > facts.bytes) break;
    await digest.update(part);
    if (held) yield held;
    held = part;
  }
  if (byteCount !== facts.bytes || (await digest.hex()) !== facts.sha256) {
    throw new DamagedAudioError(`${byteCount} stored bytes do not match ${facts.bytes} and digest`);
  }
  if (held) yield held;
}
