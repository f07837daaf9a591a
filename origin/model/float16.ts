/** The largest finite number of IEEE 754 binary16. */
export const maxFloat16 = 65_504;

/** Bit patterns of infinity, which every pattern beyond it and the sign is above, too. */
const infinityBits = 0x7c00;

/** Numbers as binary16, to the nearest and of two to the even one. Throws a RangeError on what is too large for it. */
export function toFloat16(values: Float32Array): Uint16Array {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(words.length);
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? 0;
    const magnitude = magnitudeOf(word & 0x7fff_ffff);
    if (magnitude >= infinityBits) {
      throw new RangeError(`${values[index]} is beyond float16, which ends at ${maxFloat16}`);
    }
    halves[index] = ((word >>> 16) & 0x8000) | magnitude;
  }
  return halves;
}

/** The bits of binary32 without a sign as those of binary16. */
function magnitudeOf(bits: number): number {
  const exponent = bits >>> 23;
  // Below 2^-14 a step is 2^-24 whatever the exponent, so the leading one is spelled out and moved to its place.
  if (exponent < 113) {
    const shift = 126 - exponent;
    return shift > 25 ? 0 : roundedShift((bits & 0x7f_ffff) | 0x80_0000, shift);
  }
  return roundedShift(bits - (112 << 23), 13);
}

function roundedShift(bits: number, shift: number): number {
  const isOdd = (bits >>> shift) & 1;
  return (bits + (1 << (shift - 1)) - 1 + isOdd) >>> shift;
}
