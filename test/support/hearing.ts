/** What a sine of one frequency amounts to in a recording, and what else there is. */
export interface HeardTone {
  amplitude: number;
  /** Radians, against a sine with phase 0 at sample 0. */
  phase: number;
  /** The tone against everything else. */
  signalToNoiseDb: number;
}

/** Fits a sine of a known frequency to the middle of a recording, by least squares. */
export function hearTone(pcm: Float32Array, hertz: number, sampleRate: number): HeardTone {
  const middle = [Math.floor(pcm.length * 0.2), Math.floor(pcm.length * 0.8)] as const;
  const step = (2 * Math.PI * hertz) / sampleRate;
  let [ss, cc, sc, ys, yc, energy] = [0, 0, 0, 0, 0, 0];
  pcm.subarray(...middle).forEach((value, offset) => {
    const angle = step * (middle[0] + offset);
    const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
    ss += sin * sin;
    cc += cos * cos;
    sc += sin * cos;
    ys += value * sin;
    yc += value * cos;
    energy += value * value;
  });
  const determinant = ss * cc - sc * sc;
  const a = (ys * cc - yc * sc) / determinant;
  const b = (yc * ss - ys * sc) / determinant;
  const fitted = a * ys + b * yc;
  return {
    amplitude: Math.hypot(a, b),
    phase: Math.atan2(b, a),
    signalToNoiseDb: 10 * Math.log10(fitted / Math.max(energy - fitted, Number.MIN_VALUE)),
  };
}

/** The pitch of a steady sound, from 60 to 500 Hz: the shortest lag at which it is about as like itself as it gets. */
export function hearPitch(pcm: Float32Array, sampleRate: number): number {
  const [shortest, longest] = [Math.floor(sampleRate / 500), Math.ceil(sampleRate / 60)];
  const window = pcm.subarray(Math.floor(pcm.length / 4), Math.floor((pcm.length * 3) / 4));
  const likeness: number[] = [];
  for (let lag = shortest; lag <= longest; lag++) {
    likeness.push(correlation(window.subarray(lag), window.subarray(0, -lag)));
  }
  const enough = 0.9 * Math.max(...likeness);
  const peak = likeness.findIndex(
    (value, i) =>
      value >= enough && value >= (likeness[i - 1] ?? 1) && value > (likeness[i + 1] ?? 1),
  );
  const [left = 0, top = 0, right = 0] = likeness.slice(peak - 1, peak + 2);
  return sampleRate / (shortest + peak + (left - right) / (2 * (left - 2 * top + right)));
}

/** Root of the mean square. */
export function loudness(pcm: Float32Array): number {
  return Math.sqrt(pcm.reduce((sum, value) => sum + value * value, 0) / pcm.length);
}

/** The normalised correlation of two recordings over the length of the shorter one: 1 when one is the other, scaled. */
export function correlation(a: Float32Array, b: Float32Array): number {
  const length = Math.min(a.length, b.length);
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < length; i++) {
    const [x, y] = [a[i] ?? 0, b[i] ?? 0];
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  return ab / Math.sqrt(aa * bb);
}
