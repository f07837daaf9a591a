import { joinSamples } from "./join.ts";

const fadeSeconds = 0.01;

/** Takes the edges off one segment of speech where it meets others, so that their meeting makes no click. */
export interface Seam {
  /** Passes samples on, late by the length of a fade. */
  push(pcm: Float32Array): Float32Array;
  /** The last samples, faded out if `fadeOut`. */
  finish(fadeOut: boolean): Float32Array;
}

/** Fades the first 10 ms in, if `fadeIn`, and the last 10 ms out, linearly. */
export function createSeam(sampleRate: number, fadeIn: boolean): Seam {
  const length = Math.round(fadeSeconds * sampleRate);
  let passed = 0;
  let held = new Float32Array(0);

  return {
    push(pcm) {
      const faded = fadeIn && passed < length ? pcm.map((x, i) => x * gain(passed + i)) : pcm;
      passed += pcm.length;
      const all = joinSamples([held, faded]);
      const ready = Math.max(0, all.length - length);
      held = all.slice(ready);
      return all.subarray(0, ready);
    },
    finish: (fadeOut) => (fadeOut ? held.map((x, i) => x * gain(held.length - 1 - i)) : held),
  };

  /** From the edge inwards. */
  function gain(distance: number): number {
    return Math.min(1, (distance + 0.5) / length);
  }
}
