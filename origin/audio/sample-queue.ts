import { joinSamples } from "./join.ts";

/** Samples that wait, first in, first out. */
export interface SampleQueue {
  readonly length: number;
  /** Adds a copy: what is given may change afterwards. */
  add(pcm: Float32Array): void;
  /** Removes that many of the oldest samples, at most all there are, and returns them. */
  take(count: number): Float32Array;
}

export function createSampleQueue(): SampleQueue {
  const parts: Float32Array[] = [];
  let length = 0;
  return {
    get length() {
      return length;
    },
    add(pcm) {
      if (pcm.length === 0) return;
      parts.push(pcm.slice());
      length += pcm.length;
    },
    take(count) {
      const taken: Float32Array[] = [];
      let missing = Math.min(count, length);
      length -= missing;
      while (missing > 0) {
        const part = parts.shift() ?? new Float32Array();
        if (part.length > missing) parts.unshift(part.subarray(missing));
        taken.push(part.subarray(0, missing));
        missing -= part.length;
      }
      return joinSamples(taken);
    },
  };
}
