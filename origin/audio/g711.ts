/**
 * G.711, the 8 bits a sample of telephones: a sign, the place of the highest bit and the four bits below it, so that what
 * is quiet is exact and what is loud about right. By ITU-T G.711 (11/88), tables 1 and 2, of samples that had 16 bits.
 */

import type { Encoder } from "./encoder.ts";
import { toInt16 } from "./int16.ts";

/** Bare μ-law bytes, one a sample, at any rate. No input makes no bytes. */
export function createMulawEncoder(): Encoder {
  return createCompander(toMulaw);
}

/** Bare A-law bytes, one a sample, at any rate. No input makes no bytes. */
export function createAlawEncoder(): Encoder {
  return createCompander(toAlaw);
}

function createCompander(toByte: (sample: number) => number): Encoder {
  return {
    encode: (pcm) => Uint8Array.from(toInt16(pcm), toByte),
    finish: () => new Uint8Array(0),
    close() {},
  };
}

/** Added to the 14 bits of a sample so that every segment begins at a power of 2. */
const mulawBias = 33;
const mulawMost = 8_158;

/** The μ-law byte in whose interval a sample of 16 bits is. All bits are inverted, so that silence is no row of zeros. */
function toMulaw(sample: number): number {
  const magnitude = Math.min(Math.abs(sample) >> 2, mulawMost) + mulawBias;
  // From 33 on, the highest bit is 32 or more.
  const segment = 26 - Math.clz32(magnitude);
  const step = (magnitude >> (segment + 1)) & 15;
  const sign = sample < 0 ? 0x80 : 0;
  return ~(sign | (segment << 4) | step) & 0xff;
}

const alawMost = 4_095;

/** The A-law byte in whose interval a sample of 16 bits is. Every other bit is inverted; a set sign bit is a positive sample. */
function toAlaw(sample: number): number {
  // Of 13 bits, the sign among them; what is below zero is counted from -1, as the decision values are.
  const magnitude = Math.min((sample < 0 ? ~sample : sample) >> 3, alawMost);
  const segment = Math.max(0, 27 - Math.clz32(magnitude));
  const step = (magnitude >> Math.max(1, segment)) & 15;
  const sign = sample < 0 ? 0 : 0x80;
  return (sign | (segment << 4) | step) ^ 0x55;
}
