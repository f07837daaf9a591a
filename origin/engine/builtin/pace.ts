import { setTimeout as wait } from "node:timers/promises";

/** Waits until the samples given to it so far would have been played. */
export type Pace = (samples: number) => Promise<void>;

/** Holds a stream of audio down to `speed` times real time, counted from now. */
export function createPace(sampleRate: number, speed: number): Pace {
  const start = performance.now();
  let samples = 0;
  return async (more) => {
    samples += more;
    const early = start + (samples / sampleRate / speed) * 1000 - performance.now();
    if (early > 0) await wait(early);
  };
}
