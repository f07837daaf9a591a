/** Floating point types of checkpoints, as safetensors spells them. */
const storedTypes = { F32: 4, F16: 2, BF16: 2 } as const;

export type StoredType = keyof typeof storedTypes;

export function storedBytes(type: StoredType): number {
  return storedTypes[type];
}

/** Little-endian elements as float32, exactly. `bytes` must start on a boundary of four. */
export function toFloat32(type: StoredType, bytes: Uint8Array): Float32Array {
  const { buffer, byteOffset, byteLength } = bytes;
  if (type === "F32") return new Float32Array(buffer, byteOffset, byteLength / 4);

  const halves = new Uint16Array(buffer, byteOffset, byteLength / 2);
  if (type === "F16") return Float32Array.from(halves, halfToNumber);

  // bfloat16 is the upper half of a float32.
  const words = new Uint32Array(halves.length);
  for (let index = 0; index < halves.length; index++) words[index] = (halves[index] ?? 0) << 16;
  return new Float32Array(words.buffer);
}

/** IEEE 754 binary16: 1 sign, 5 exponent and 10 fraction bits. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
