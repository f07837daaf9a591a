import type { Encoder } from "./encoder.ts";
import { toInt16 } from "./int16.ts";

/** Bare mono s16le samples, at any rate. No input makes no bytes. */
export function createPcmEncoder(): Encoder {
  return {
    encode: (pcm) => new Uint8Array(toInt16(pcm).buffer),
    finish: () => new Uint8Array(0),
    close() {},
  };
}
