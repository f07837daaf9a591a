/**
 * Where a sound goes between its samples: what a converter plays, and what a resampler or a lossy codec may make a sample of.
 * As ITU-R BS.1770-4, Annex 2, has it, by interpolation to four times the rate, here with sines over x under a Hann window.
 */

/** How many samples on either side of a point are looked at. */
export const peakReach = 8;

const fractions = [0.25, 0.5, 0.75];

const filters = fractions.map((fraction) =>
  Float64Array.from({ length: 2 * peakReach }, (_, tap) => {
    const distance = tap - (peakReach - 1) - fraction;
    const sinc = Math.sin(Math.PI * distance) / (Math.PI * distance);
    return sinc * Math.cos((Math.PI * distance) / (2 * peakReach)) ** 2;
  }),
);

/** How much larger than the samples about it an interpolated point can be. */
const mostGain = Math.max(
  ...filters.map((filter) => filter.reduce((sum, tap) => sum + Math.abs(tap), 0)),
);

export interface PeakMeter {
  /**
   * Takes the next sample; returns the largest magnitude from the one that came 8 samples before it to that after it, the
   * first of them included.
   */
  push(sample: number): number;
}

/** Measures how large a sound becomes between its samples, exactly where that is more than `limit`. */
export function createPeakMeter(limit: number): PeakMeter {
  const length = 2 * peakReach;
  // Twice, so that the last ones always stand in a row.
  const window = new Float64Array(2 * length);
  let at = 0;
  let quiet = length;
  return {
    push(sample) {
      quiet = Math.abs(sample) < limit / mostGain ? quiet + 1 : 0;
      window[at] = sample;
      window[at + length] = sample;
      at = (at + 1) % length;
      let peak = Math.abs(window[at + peakReach - 1] ?? 0);
      if (quiet >= length) return peak;
      for (const filter of filters) {
        let value = 0;
        for (let tap = 0; tap < length; tap++)
          value += (window[at + tap] ?? 0) * (filter[tap] ?? 0);
        peak = Math.max(peak, Math.abs(value));
      }
      return peak;
    },
  };
}
