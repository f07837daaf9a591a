import { createHash } from "node:crypto";
import type { SpeechEnd } from "../../shared/frames/frame.ts";
import type { BodyDigest } from "../../shared/frames/read-frames.ts";

/** The end that belongs to an answer with that audio. */
export function endOf(audio: Uint8Array): SpeechEnd {
  return {
    finish: "stop",
    samples: 48_000,
    sample_rate: 24_000,
    frames: 25,
    input_tokens: 4,
    seed: 1,
    revision: "0123456789abcdef",
    released_at: 1_790_000_000,
    engine: "builtin",
    bytes: audio.byteLength,
    sha256: createHash("sha256").update(audio).digest("hex"),
  };
}

/** The digest of a stream's audio, by Node. */
export function nodeDigest(): BodyDigest {
  const hash = createHash("sha256");
  return { update: (bytes) => void hash.update(bytes), hex: () => hash.digest("hex") };
}
