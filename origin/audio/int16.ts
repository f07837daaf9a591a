import { clip } from "./clip.ts";

/**
 * Rounds samples to the nearest of 16 bits, clipped to full scale. 1 is 32768, as decoders have it, so what was 16-bit
 * before comes out unchanged. No dither: speech has more noise of its own. The bytes are little-endian on every
 * platform the engines run on. Throws a RangeError for a sample that is not a number.
 */
export function toInt16(pcm: Float32Array): Int16Array<ArrayBuffer> {
  return new Int16Array(pcm.map(toSample));
}

function toSample(value: number): number {
  return Math.min(32_767, Math.round(clip(value) * 32_768));
}
