/**
 * The K-weighting of ITU-R BS.1770-4, Annex 1: a shelf that stands for the head, then a high-pass that stands for what low
 * frequencies weigh. The recommendation has coefficients for 48 kHz alone; these are of the analogue filters behind them,
 * by the bilinear transform at any rate, with the parameters that Brecht De Man worked out ("Evaluation of implementations
 * of the EBU R128 loudness measurement", AES convention 145, 2018) and libebur128 uses. At 48 kHz they are the
 * recommendation's own to ten digits.
 */

/** A filter of second order, a0 being 1. */
export interface Biquad {
  b: readonly [number, number, number];
  a: readonly [number, number];
}

/** The one that the recommendation has coefficients for, in Hz. */
const recommendedRate = 48_000;

/** The two filters, in the order in which sound goes through them. `sampleRate` in Hz. */
export function kWeighting(sampleRate: number): readonly [Biquad, Biquad] {
  return [headShelf(sampleRate), lowCut(sampleRate)];
}

function headShelf(sampleRate: number): Biquad {
  const [hertz, gainDb, q] = [1681.974450955533, 3.999843853973347, 0.7071752369554196];
  const k = Math.tan((Math.PI * hertz) / sampleRate);
  const high = 10 ** (gainDb / 20);
  const band = high ** 0.4996667741545416;
  const a0 = 1 + k / q + k * k;
  return {
    b: [
      (high + (band * k) / q + k * k) / a0,
      (2 * (k * k - high)) / a0,
      (high - (band * k) / q + k * k) / a0,
    ],
    a: [(2 * (k * k - 1)) / a0, (1 - k / q + k * k) / a0],
  };
}

/** The recommendation lets through a little more than 1, and so does this at any rate. */
function lowCut(sampleRate: number): Biquad {
  const [hertz, q] = [38.13547087602444, 0.5003270373238773];
  const denominator = (k: number) => 1 + k / q + k * k;
  const k = Math.tan((Math.PI * hertz) / sampleRate);
  const a0 = denominator(k);
  const passed = denominator(Math.tan((Math.PI * hertz) / recommendedRate)) / a0;
  return {
    b: [passed, -2 * passed, passed],
    a: [(2 * (k * k - 1)) / a0, (1 - k / q + k * k) / a0],
  };
}

/** Weights samples as they come, in double precision. */
export function createKWeighting(sampleRate: number): (sample: number) => number {
  const [shelf, cut] = kWeighting(sampleRate).map(createFilter);
  if (!shelf || !cut) throw new Error("there are two filters");
  return (sample) => cut(shelf(sample));
}

/** Transposed direct form II. */
function createFilter({ b: [b0, b1, b2], a: [a1, a2] }: Biquad): (sample: number) => number {
  let first = 0;
  let second = 0;
  return (x) => {
    const y = b0 * x + first;
    first = b1 * x - a1 * y + second;
    second = b2 * x - a2 * y;
    return y;
  };
}
