/** The median fundamental frequency of speech, in Hz, by autocorrelation of 50 ms in every 150. */
export function pitchOf(pcm: Float32Array, sampleRate: number): number {
  const length = Math.round(sampleRate / 20);
  const pitches: number[] = [];
  for (let start = 0; start + length <= pcm.length; start += 3 * length) {
    const lag = strongestLag(pcm.subarray(start, start + length), sampleRate);
    if (lag) pitches.push(sampleRate / lag);
  }
  return pitches.sort((a, b) => a - b)[pitches.length >> 1] ?? 0;
}

/** The period of a voiced frame in samples, between 60 and 400 Hz; undefined for silence and noise. */
function strongestLag(frame: Float32Array, sampleRate: number): number | undefined {
  let strongest = 0.6;
  let found: number | undefined;
  if (meanSquare(frame) < 1e-3) return undefined;
  for (let lag = Math.round(sampleRate / 400); lag < sampleRate / 60; lag++) {
    let [product, early, late] = [0, 0, 0];
    for (let i = 0; i + lag < frame.length; i++) {
      const [a = 0, b = 0] = [frame[i], frame[i + lag]];
      product += a * b;
      early += a * a;
      late += b * b;
    }
    // A multiple of the period matches as well; it has to be clearly better to be preferred.
    const match = product / Math.sqrt(early * late || 1);
    if (match > strongest + 0.02) [strongest, found] = [match, lag];
  }
  return found;
}

/** The level of the parts of speech that are not silent, in dB of full scale. */
export function loudnessOf(pcm: Float32Array, sampleRate: number): number {
  const length = Math.round(sampleRate / 50);
  const levels: number[] = [];
  for (let start = 0; start + length <= pcm.length; start += length) {
    const level = meanSquare(pcm.subarray(start, start + length));
    if (level > 1e-4) levels.push(level);
  }
  return 10 * Math.log10(levels.reduce((sum, level) => sum + level, 0) / levels.length);
}

function meanSquare(frame: Float32Array): number {
  return frame.reduce((sum, value) => sum + value * value, 0) / frame.length;
}
