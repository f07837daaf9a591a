import { createHash } from "node:crypto";
import type { SpeechFrame } from "../../shared/frames/frame.ts";

/** Counts and digests the audio of one answer on its way out, for the end frame. */
export interface Tally {
  /** Notes the samples that went into the encoder and yields the bytes that came out, if any. */
  audio(samples: number, bytes: Uint8Array): Generator<SpeechFrame, void>;
  readonly samples: number;
  readonly bytes: number;
  /** Hex; ends the digest. */
  sha256(): string;
}

export function createTally(): Tally {
  const hash = createHash("sha256");
  let samples = 0;
  let byteCount = 0;
  return {
    *audio(count, bytes) {
      samples += count;
      if (bytes.byteLength === 0) return;
      byteCount += bytes.byteLength;
      hash.update(bytes);
      yield { kind: "audio", bytes: bytes as Uint8Array<ArrayBuffer> };
    },
    get samples() {
      return samples;
    },
    get bytes() {
      return byteCount;
    },
    sha256: () => hash.digest("hex"),
  };
}
