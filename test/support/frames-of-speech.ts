// Frames as a model and its codec make them, by hand.

export const samplesPerFrame = 1920;

/** A frame of sound at a level in dB of full scale. */
export function loudness(decibels: number): Float32Array {
  return new Float32Array(samplesPerFrame).fill(10 ** (decibels / 20));
}

export interface HandmadeFrame {
  firstCode: bigint;
  pcm: Float32Array;
}

/** A frame for each first code: at -20 dBFS, or with a negative code at -60. */
export function frames(codes: readonly number[]): HandmadeFrame[] {
  return codes.map((code) => ({
    firstCode: BigInt(Math.abs(code)),
    pcm: loudness(code < 0 ? -60 : -20),
  }));
}
