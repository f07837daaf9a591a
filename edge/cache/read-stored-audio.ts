import { createBodyDigest } from "../digest.ts";
import { logFault } from "../log-fault.ts";
import type { StoredAudio } from "./stored-audio.ts";

/** What was stored is not what it was stored as. */
export class DamagedAudioError extends Error {
  override readonly name = "DamagedAudioError";
}

/**
 * Reads a stored file, its last part only once length and digest are seen to match: a reader that counts bytes would
 * otherwise take a damaged file for a whole one. When they do not it calls `remove` and throws DamagedAudioError.
 */
export async function* readStoredAudio(
  { facts, body }: StoredAudio,
  remove: () => Promise<void>,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
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
    const damaged = new DamagedAudioError(
      `${byteCount} stored bytes do not match ${facts.bytes} and digest`,
    );
    logFault("a stored file is damaged", damaged);
    await remove();
    throw damaged;
  }
  if (held) yield held;
}
