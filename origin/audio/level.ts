/** Measures how loud a sound is while it passes. */
export interface Level {
  push(samples: Float32Array): void;
  readonly samples: number;
  /** The largest sample; full scale is 1. */
  readonly peak: number;
  /** Root of the mean square of the samples so far. */
  readonly rms: number;
  /** Samples that are no numbers; they count neither for the peak nor for the mean. */
  readonly nonFinite: number;
}

export function createLevel(): Level {
  let samples = 0;
  let peak = 0;
  let squares = 0;
  let nonFinite = 0;
  return {
    push(pcm) {
      samples += pcm.length;
      for (const sample of pcm) {
        if (!Number.isFinite(sample)) nonFinite++;
        else {
          peak = Math.max(peak, Math.abs(sample));
          squares += sample * sample;
        }
      }
    },
    get samples() {
      return samples;
    },
    get peak() {
      return peak;
    },
    get rms() {
      return samples > nonFinite ? Math.sqrt(squares / (samples - nonFinite)) : 0;
    },
    get nonFinite() {
      return nonFinite;
    },
  };
}
