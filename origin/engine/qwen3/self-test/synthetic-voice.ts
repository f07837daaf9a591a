import { createHash } from "node:crypto";
import type { LoadedPack } from "../../../model/pack/open-pack.ts";
import type { VoicePrompt } from "../../../voices/voice-prompt.ts";

const sampleRate = 24_000;
const seconds = 3;
const pitch = 130;
const harmonics = 24;
const syllablesPerSecond = 4;

/**
 * A voice that was cloned from no recording: harmonics that rise and fall like syllables. Null for models that do not clone.
 * Throws when the encoders make nothing of it that could be a voice. Only its vector is spoken with: what nobody said cannot be gone on from.
 */
export async function syntheticVoice({
  encoders,
  manifest,
}: LoadedPack): Promise<VoicePrompt | null> {
  if (!encoders) return null;
  const recording = { samples: syllables(), withCodes: true };
  const { xVector, codes, frames } = await encoders.encode(recording, new AbortController().signal);
  const wrong = xVector.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) throw new Error(`number ${wrong} of an encoded voice is ${xVector[wrong]}`);
  const { codebooks, samples_per_frame, sample_rate } = manifest.shapes;
  const expected = Math.ceil((seconds * sample_rate) / samples_per_frame);
  if (frames !== expected || codes?.length !== expected * codebooks) {
    throw new Error(
      `${seconds} seconds of sound were encoded to ${frames} frames, not ${expected}`,
    );
  }
  const digest = createHash("sha256").update(xVector).digest("hex");
  return { digest, xVector, reference: null };
}

function syllables(): Float32Array {
  return Float32Array.from({ length: seconds * sampleRate }, (_, index) => {
    const time = index / sampleRate;
    const loudness = 0.2 * Math.sin(Math.PI * syllablesPerSecond * time) ** 2;
    let sum = 0;
    for (let harmonic = 1; harmonic <= harmonics; harmonic++) {
      sum += Math.sin(2 * Math.PI * pitch * harmonic * time) / harmonic;
    }
    return loudness * sum;
  });
}
