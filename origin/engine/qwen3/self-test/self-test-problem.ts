import type { SpokenSentence } from "../../../model/pack/self-test-record.ts";

/** Below is silence to a listener. */
const minRms = 0.001;
/** Above is no speech: that of a full-scale square wave is 1, of a sine 0.7, of loud speech 0.2. */
const maxRms = 0.5;

/**
 * What is wrong with spoken sentences, in words, or null. `mustEnd` is false for models that were spoken with in a voice
 * that is none, of which no end can be asked.
 */
export function findProblem(sentences: readonly SpokenSentence[], mustEnd: boolean): string | null {
  for (const { language, attempts, frames, finish, rms, non_finite } of sentences) {
    const about = `its ${language} sentence`;
    if (non_finite > 0) return `${non_finite} samples of ${about} are no numbers`;
    if (frames === 0) return `${about} ends before it begins`;
    if (rms < minRms) return `${about} is silent: its RMS level is ${rms.toPrecision(2)}`;
    if (rms > maxRms) return `${about} is noise: its RMS level is ${rms.toPrecision(2)}`;
    if (mustEnd && finish === "length") {
      return `${about} does not end: it was cut after ${frames} frames, ${attempts} times`;
    }
  }
  return null;
}
