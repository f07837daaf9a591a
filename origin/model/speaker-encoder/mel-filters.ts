/**
 * Triangular filters from the bins of a spectrum to bands that are equally wide on the Slaney mel scale, each of the same
 * area (the defaults of librosa's `filters.mel`, which the official code uses).
 */

/** Below this the scale is linear, above it logarithmic. */
const breakHertz = 1000;
const hertzPerMel = 200 / 3;
const breakMel = breakHertz / hertzPerMel;
const logStep = Math.log(6.4) / 27;

export interface MelBands {
  /** Of the sound, in Hz; the bands reach from 0 to half of it. */
  sampleRate: number;
  /** Of the transform. */
  windowSamples: number;
  bands: number;
}

/** [bands][windowSamples / 2 + 1], row after row. */
export function melFilters({ sampleRate, windowSamples, bands }: MelBands): Float32Array {
  const bins = windowSamples / 2 + 1;
  const highest = toMel(sampleRate / 2);
  /** The corners of the triangles, in Hz. */
  const corner = (index: number) => toHertz((highest * index) / (bands + 1));
  const filters = new Float32Array(bands * bins);
  for (let band = 0; band < bands; band++) {
    const [low, peak, high] = [corner(band), corner(band + 1), corner(band + 2)];
    for (let bin = 0; bin < bins; bin++) {
      const frequency = (bin * sampleRate) / windowSamples;
      const rising = (frequency - low) / (peak - low);
      const falling = (high - frequency) / (high - peak);
      const height = Math.max(0, Math.min(rising, falling));
      filters[band * bins + bin] = (height * 2) / (high - low);
    }
  }
  return filters;
}

function toMel(hertz: number): number {
  if (hertz < breakHertz) return hertz / hertzPerMel;
  return breakMel + Math.log(hertz / breakHertz) / logStep;
}

function toHertz(mel: number): number {
  if (mel < breakMel) return mel * hertzPerMel;
  return breakHertz * Math.exp(logStep * (mel - breakMel));
}
