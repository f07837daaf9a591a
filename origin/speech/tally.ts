import { createHash } from "node:crypto";
import type { SpeechFrame } from "../../shared/frames/frame.ts";

type AudioFrame = Extract<SpeechFrame, { kind: "audio" }>;

/** A part of an answer as it leaves the encoder; of audio it is known how many samples went in for it. */
export type SpokenFrame = (AudioFrame & { samples: number }) | Exclude<SpeechFrame, AudioFrame>;

/** Counts and digests the audio of one answer on its way out, for the end frame. */
export interface Tally {
  /** Notes the samples that went into the encoder and yields the bytes that came out, if any. */
  audio(samples: number, bytes: Uint8Array): Generator<SpokenFrame, void>;
  readonly samples: number;
  readonly bytes: number;
  /** Hex; ends the digest. */
  sha256(): string;
}

export function createTally(): Tally {
  const hash = createHash("sha256");
  let samples = 0;
  let toldSamples = 0;
  let byteCount = 0;
  return {
    *audio(count, bytes) {
      samples += count;
      if (bytes.byteLength === 0) return;
      byteCount += bytes.byteLength;
      hash.update(bytes);
      const frame = { bytes: bytes as Uint8Array<ArrayBuffer>, samples: samples - toldSamples };
      toldSamples = samples;
      yield { kind: "audio", ...frame };
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
