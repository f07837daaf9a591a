/** One array of all the samples, in order. */
export function joinSamples(parts: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  return fill(new Float32Array(totalLength(parts)), parts);
}

/** One array of all the bytes, in order, in a buffer of its own. */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return fill(new Uint8Array(totalLength(parts)), parts);
}

function totalLength(parts: readonly ArrayLike<number>[]): number {
  return parts.reduce((length, part) => length + part.length, 0);
}

function fill<T extends Float32Array | Uint8Array>(
  joined: T,
  parts: readonly ArrayLike<number>[],
): T {
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
