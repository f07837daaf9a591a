/**
 * Uniform numbers that are looked up, not drawn in sequence: Philox4x32-10 (Salmon et al., "Parallel random numbers: as
 * easy as 1, 2, 3", SC 2011). A token's number depends on the seed, its frame and its codebook alone, so chunking and
 * batching cannot change what is said.
 */

const multiplier0 = 0xd251_1f53;
const multiplier1 = 0xcd9e_8d57;
const keyStep0 = 0x9e37_79b9;
const keyStep1 = 0xbb67_ae85;
const rounds = 10;

type Counter = readonly [number, number, number, number];
type Key = readonly [number, number];

/** One block of four random 32-bit words for a counter and a key of 32-bit words. */
export function philox4x32(counter: Counter, key: Key): Counter {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < rounds; round++) {
    const high0 = multiplyHigh(multiplier0, c0);
    const low0 = Math.imul(multiplier0, c0);
    const high1 = multiplyHigh(multiplier1, c2);
    const low1 = Math.imul(multiplier1, c2);
    c0 = high1 ^ c1 ^ k0;
    c1 = low1;
    c2 = high0 ^ c3 ^ k1;
    c3 = low0;
    k0 = (k0 + keyStep0) | 0;
    k1 = (k1 + keyStep1) | 0;
  }
  return [c0 >>> 0, c1 >>> 0, c2 >>> 0, c3 >>> 0];
}

/** The upper 32 bits of the unsigned 64-bit product, in pieces that a double holds exactly. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const upper = aLow * bHigh + (middle % 2 ** 16);
  return aHigh * bHigh + Math.floor(middle / 2 ** 16) + Math.floor(upper / 2 ** 16);
}

/**
 * Fills `target` with the uniforms of one frame, entry i for codebook i: multiples of 2^-24 in [0, 1), exact in float32.
 * `seed` is an integer from 0 to 2^53 - 1, `frame` from 0 to 2^32 - 1.
 */
export function fillUniforms(target: Float32Array, seed: number, frame: number): void {
  const key: Key = [seed >>> 0, Math.floor(seed / 2 ** 32)];
  for (let codebook = 0; codebook < target.length; codebook += 4) {
    const block = philox4x32([codebook / 4, frame, 0, 0], key);
    const wanted = block.slice(0, target.length - codebook);
    target.set(
      wanted.map((word) => (word >>> 8) * 2 ** -24),
      codebook,
    );
  }
}
