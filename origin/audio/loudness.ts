/**
 * Brings speech to a loudness while it is spoken.
 *
 * A file's loudness is known when it is over; a listener wants it as it begins. So half a second is heard ahead, and the
 * gain is what brings all that was heard so far to the target, and more or less by what the output so far has missed it
 * by, to be made good within a second, later within a quarter of what has passed. The gain is set as the first sound
 * leaves and moves by no more than 3 dB a second from then on: 1 dB in a word, which is not heard.
 */

import { createBlocks } from "./blocks.ts";
import { joinSamples } from "./join.ts";
import { createLimiter } from "./limiter.ts";
import { createLoudnessMeter, type LoudnessMeter, stepSeconds } from "./loudness-meter.ts";
import { isSound } from "./silence.ts";
import type { Stage } from "./stage.ts";

/** Of 100 ms, as the meter's: of what is heard before a step leaves, four follow it, so that there is a whole block. */
const stepsAhead = 4;
const maxDbPerStep = 0.3;
/** What is as good as silent is not made loud. */
const maxGainDb = 24;
/** What the limiter takes off is added before it, up to here: beyond, speech would be pressed flat. */
const maxLimitedDb = 6;
const maxCorrectionDb = 3;
const correctionBlocks = 10;
const correctionShare = 0.25;

/**
 * Brings sound to `target` LUFS, integrated (EBU R 128), and keeps it under the limiter's ceiling. As long as what went in,
 * and half a second and 6 ms late.
 *
 * Up to -14 LUFS speech of 3 seconds and more whose level stays about the same comes within 1 LU, shorter within 1.5; speech
 * that becomes louder or softer by 8 dB on its way within 2. Above -14 the limiter has to take peaks off, and speech whose
 * peaks are high stays softer. What is under 400 ms long has no loudness by the standard, and comes to its target without
 * gates; what never rises above -50 dBFS stays as it is.
 */
export function createLoudness(sampleRate: number, target: number): Stage {
  const steps = createBlocks(Math.round(stepSeconds * sampleRate));
  const limiter = createLimiter(sampleRate);
  const heard = createLoudnessMeter(sampleRate);
  const driven = createLoudnessMeter(sampleRate);
  const passed = createLoudnessMeter(sampleRate);
  const waiting: Float32Array[] = [];
  let gainDb = 0;
  let gain: number | undefined;
  /** Whether anything has sounded, of what was heard and of what has left. */
  let hasSounded = false;
  let hasBegun = false;

  function hear(step: Float32Array): void {
    hasSounded ||= step.some(isSound);
    heard.push(step);
    waiting.push(step.slice());
  }

  /** Of what leaves next, in dB; undefined where there was nothing to measure yet but noise. */
  function wantedDb(isWhole: boolean): number | undefined {
    if (!hasSounded) return undefined;
    const loudness = heard.integrated ?? (isWhole ? heard.ungated : null);
    if (loudness === null) return undefined;
    const wanted = target - loudness + limitedDb(driven, passed) + correctionDb(passed, target);
    return Math.min(maxGainDb, wanted);
  }

  function release(step: Float32Array, isWhole = false): Float32Array {
    const wanted = wantedDb(isWhole) ?? gainDb;
    const isFirst = !hasBegun;
    hasBegun ||= step.some(isSound);
    const change = wanted - gainDb;
    gainDb += isFirst ? change : Math.max(-maxDbPerStep, Math.min(maxDbPerStep, change));
    const to = 10 ** (gainDb / 20);
    const from = gain ?? to;
    const slope = (to - from) / step.length;
    gain = to;
    const amplified = step.map((sample, index) => sample * (from + slope * index));
    driven.push(amplified);
    const limited = limiter.push(amplified);
    passed.push(limited);
    return limited;
  }

  return {
    push(pcm) {
      const parts: Float32Array[] = [];
      for (const step of steps.push(pcm)) {
        hear(step);
        const [first] = waiting;
        if (waiting.length <= stepsAhead || !first) continue;
        waiting.shift();
        parts.push(release(first));
      }
      return joinSamples(parts);
    },
    finish() {
      hear(steps.rest());
      const parts = waiting.splice(0).map((step) => release(step, true));
      return joinSamples([...parts, limiter.finish()]);
    },
    close: () => limiter.close(),
  };
}

/** What the limiter has taken off so far, as far as it is made up for. */
function limitedDb({ integrated: before }: LoudnessMeter, { integrated: after }: LoudnessMeter) {
  // The limiter is late, and so is what is known of its output.
  if (before === null || after === null) return 0;
  return Math.max(0, Math.min(maxLimitedDb, before - after));
}

/** What must be added for a while so that what has passed and what comes are at the target together. */
function correctionDb({ integrated, blocks }: LoudnessMeter, target: number): number {
  if (integrated === null) return 0;
  const coming = Math.max(correctionBlocks, correctionShare * blocks);
  const missed = 10 ** ((integrated - target) / 10);
  const wanted = (coming + blocks - blocks * missed) / coming;
  const correction = wanted > 0 ? 10 * Math.log10(wanted) : -maxCorrectionDb;
  return Math.max(-maxCorrectionDb, Math.min(maxCorrectionDb, correction));
}
