/** How like noise a sound is, moment by moment. */

import { recordingSampleRate } from "./recording.ts";

const windowSamples = 1024;

/** Where speech has its energy. What codecs and telephones leave out above counts for nothing. */
const band = { low: 150, high: 4_000 };

/** Below the loudest, in dB. What is quieter is the room. */
const loudRange = 30;

/**
 * The spectral flatness, 0 (a tone) to 1 (every frequency as strong), of each window of 43 ms that is within 30 dB of the
 * loudest: the geometric mean of the power between 150 and 4000 Hz over its arithmetic mean.
 */
export function measureFlatness(samples: Float32Array): Float32Array {
  const spectra = Array.from({ length: Math.floor(samples.length / windowSamples) }, (_, index) =>
    powerSpectrum(samples.subarray(index * windowSamples, (index + 1) * windowSamples)),
  );
  const means = spectra.map(
    (powers) => powers.reduce((sum, power) => sum + power, 0) / powers.length,
  );
  const least = Math.max(0, ...means) / 10 ** (loudRange / 10);
  const loud = spectra.filter((_, index) => (means[index] ?? 0) > least);
  return Float32Array.from(loud, (powers) => {
    const logs = powers.reduce((sum, power) => sum + Math.log(power + Number.MIN_VALUE), 0);
    const mean = powers.reduce((sum, power) => sum + power, 0) / powers.length;
    return Math.exp(logs / powers.length) / mean;
  });
}

const hann = Float64Array.from(
  { length: windowSamples },
  (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / windowSamples),
);

/** The power of each bin in the band. */
function powerSpectrum(frame: Float32Array): Float64Array {
  const real = Float64Array.from(frame, (sample, i) => sample * (hann[i] ?? 0));
  const imaginary = new Float64Array(windowSamples);
  transform(real, imaginary);
  const hertz = recordingSampleRate / windowSamples;
  const [low, high] = [Math.ceil(band.low / hertz), Math.floor(band.high / hertz)];
  return Float64Array.from(
    { length: high - low + 1 },
    (_, i) => (real[low + i] ?? 0) ** 2 + (imaginary[low + i] ?? 0) ** 2,
  );
}

/** The fast Fourier transform of a power of two of samples, in place. */
function transform(real: Float64Array, imaginary: Float64Array): void {
  const length = real.length;
  for (let i = 1, j = 0; i < length; i++) {
    let bit = length >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      [real[i], real[j]] = [real[j] ?? 0, real[i] ?? 0];
      [imaginary[i], imaginary[j]] = [imaginary[j] ?? 0, imaginary[i] ?? 0];
    }
  }
  for (let half = 1; half < length; half *= 2) {
    for (let offset = 0; offset < half; offset++) {
      const angle = (-Math.PI * offset) / half;
      const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
      for (let i = offset; i < length; i += 2 * half) {
        const [a, b] = [real[i + half] ?? 0, imaginary[i + half] ?? 0];
        const [x, y] = [a * cos - b * sin, a * sin + b * cos];
        real[i + half] = (real[i] ?? 0) - x;
        imaginary[i + half] = (imaginary[i] ?? 0) - y;
        real[i] = (real[i] ?? 0) + x;
        imaginary[i] = (imaginary[i] ?? 0) + y;
      }
    }
  }
}
