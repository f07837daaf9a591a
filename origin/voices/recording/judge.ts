/**
 * Whether a voice can be told from a recording, as far as levels and spectra say it for certain: that something is
 * there, loud enough, not cut off, and neither a steady sound nor noise alone. Whether what varies as speech does is
 * speech, and of one person, they do not say.
 */

import type { ApiError } from "../../../shared/api-error.ts";
import { frameLevels, percentile, speechLevel } from "./levels.ts";
import { recordingSampleRate, recordingSeconds, unsuitable, wrongLength } from "./recording.ts";
import { measureFlatness } from "./spectrum.ts";

/** In dB of full scale. A recording of 16 bits that is quieter has its noise less than 40 dB below the speech. */
const quietestSpeech = -50;

/** In dB of full scale: the noise of good converters is above, so nothing was recorded. */
const silence = -75;

/** Of all samples. Speech that is loud without being cut off stays below a tenth of that. */
const maxClippedShare = 0.005;

/**
 * In dB, between what nine and what one of ten frames exceed. Speech rises and falls by 20 dB and more within a second,
 * by 7 dB with a noise behind it that is 3 dB less loud; tones and chords by 5.5 dB at most.
 */
const leastModulation = 6;

/** The median of white noise is 0.56, of pink noise 0.36; vowels have less than a tenth, and each word has one. */
const noiseFlatness = 0.25;

/** Of the loud frames. */
const noiseShare = 0.95;

/** Refuses what is in no part of it speech that can be heard. `samples` is the whole recording at 24 kHz. */
export function findFaultOfWhole(levels: Float32Array, clippedShare: number): ApiError | undefined {
  const level = speechLevel(levels);
  const told = `${level.toFixed(1)} dBFS`;
  if (level < silence) return unsuitable(`The recording is silent: its level is ${told} at most.`);
  if (level < quietestSpeech) {
    return unsuitable(
      `The recording is too quiet: its level is ${told} where it is loud; at least ${quietestSpeech} dBFS are needed.`,
    );
  }
  if (clippedShare > maxClippedShare) {
    const [share, most] = [clippedShare, maxClippedShare].map((value) => (100 * value).toFixed(1));
    return unsuitable(
      `The recording is clipped: ${share} % of its samples are cut off at full scale, at most ${most} % may be. ` +
        "Record it again at a lower level.",
    );
  }
  return undefined;
}

/** Refuses what is too short, too long, or noise. `samples` is what is left after trimming, at 24 kHz. */
export function findFaultOfTrimmed(samples: Float32Array): ApiError | undefined {
  const seconds = samples.length / recordingSampleRate;
  const { min, max } = recordingSeconds;
  const told = `${seconds.toFixed(2)} s without the silence around it`;
  if (seconds < min) return wrongLength(`The recording has ${told}; at least ${min} s are needed.`);
  if (seconds > max) return wrongLength(`The recording has ${told}; at most ${max} s are taken.`);

  const levels = frameLevels(samples);
  const flatness = measureFlatness(samples);
  const isNoise =
    flatness.filter((value) => value > noiseFlatness).length > noiseShare * flatness.length;
  if (isNoise) {
    return unsuitable("The recording has no speech: nothing but noise is in it.");
  }
  const modulation = percentile(levels, 0.9) - percentile(levels, 0.1);
  if (modulation < leastModulation) {
    return unsuitable(
      `The recording has no speech: its level varies by ${modulation.toFixed(1)} dB, as that of a steady tone, ` +
        `a chord or a hum does; that of speech varies by ${leastModulation} dB and more.`,
    );
  }
  return undefined;
}
