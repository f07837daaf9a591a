/**
 * Where one sentence is spoken in two goes, the second begins as loud as sentences begin, not as loud as the first was; and
 * of two who speak in turns one may be louder. This brings them nearer: by one factor for all of it, so that what it does within itself stays.
 */
import { joinSamples } from "./join.ts";
import { createLevel } from "./level.ts";
import { isSound } from "./silence.ts";

/** Of what is to be matched, so much is heard before any of it is passed on. */
const heardSeconds = 1;
const blockSeconds = 0.02;
/** 3 dB: more than that is not a difference of takes, and what is made louder must not be clipped. */
const maxGainOfTakes = Math.SQRT2;
/** 12 dB, before a limiter. */
export const maxGainOfVoices = 4;

export interface MatchLevel {
  /** Passes samples on, with a `target` late by a second. */
  push(pcm: Float32Array): Float32Array;
  /** The last samples. */
  finish(): Float32Array;
  /** Of what it has passed on without its silences, the root of the mean square; null when there was nothing else. */
  readonly rms: number | null;
}

/** Brings sound to the level of `target`, by 3 dB at the most unless told otherwise; without one it only measures. */
export function createMatchLevel(
  sampleRate: number,
  target: number | null,
  maxGain = maxGainOfTakes,
): MatchLevel {
  const heardSamples = Math.round(heardSeconds * sampleRate);
  const passed = createSpeechLevel(sampleRate);
  let gain = target === null ? 1 : undefined;
  let held: Float32Array[] = [];
  let heldSamples = 0;

  function pass(pcm: Float32Array, by: number): Float32Array {
    const matched = by === 1 ? pcm : pcm.map((sample) => sample * by);
    passed.push(matched);
    return matched;
  }

  function release(): Float32Array {
    const all = joinSamples(held);
    held = [];
    const heard = createSpeechLevel(sampleRate);
    // Whatever chunks it comes in, the same samples decide.
    heard.push(all.subarray(0, heardSamples));
    const own = heard.rms;
    gain = target && own ? Math.min(maxGain, Math.max(1 / maxGain, target / own)) : 1;
    return pass(all, gain);
  }

  return {
    push(pcm) {
      if (gain !== undefined) return pass(pcm, gain);
      held.push(pcm);
      heldSamples += pcm.length;
      return heldSamples < heardSamples ? new Float32Array(0) : release();
    },
    finish: () => (gain === undefined ? release() : new Float32Array(0)),
    get rms() {
      return passed.rms;
    },
  };
}

/** The level of those blocks of 20 ms that are not silent; what does not fill one at the end is left out. */
function createSpeechLevel(sampleRate: number): {
  push(pcm: Float32Array): void;
  rms: number | null;
} {
  const blockSamples = Math.round(blockSeconds * sampleRate);
  let block = createLevel();
  let squares = 0;
  let samples = 0;
  return {
    push(pcm) {
      for (let at = 0; at < pcm.length; ) {
        const part = pcm.subarray(at, at + blockSamples - block.samples);
        block.push(part);
        at += part.length;
        if (block.samples < blockSamples) return;
        if (isSound(block.peak)) {
          squares += block.rms ** 2 * blockSamples;
          samples += blockSamples;
        }
        block = createLevel();
      }
    },
    get rms() {
      return samples > 0 ? Math.sqrt(squares / samples) : null;
    },
  };
}
