import { segmentSeed } from "../../shared/identity.ts";

/** The seeds to speak something with: the first, and the next whenever a take turns out degenerate. */
export type Seeds = readonly [number, ...number[]];

/**
 * Which take of a text an answer is. The seed of its first segment is the one the client is told; the other segments'
 * are drawn from it, so with it the whole can be had again.
 */
export interface SegmentSeeds {
  /** What the client is told. It can change as long as nothing has been heard. */
  readonly seed: number;
  /** How many segments had to be spoken again so far. */
  readonly retries: number;
  /** The seeds to speak a segment with, each when the one before has failed. Ask for the first segment's first. */
  seedsOf(segment: number): AsyncGenerator<{ seed: number; isLast: boolean }, void>;
}

export function createSegmentSeeds(seeds: Seeds): SegmentSeeds {
  let told = seeds[0];
  let retries = 0;
  return {
    get seed() {
      return told;
    },
    get retries() {
      return retries;
    },
    async *seedsOf(segment) {
      const candidates =
        segment === 0
          ? seeds
          : [await segmentSeed(told, segment), await segmentSeed(told, segment, 1)];
      for (const [attempt, seed] of candidates.entries()) {
        if (attempt > 0) retries++;
        if (segment === 0) told = seed;
        yield { seed, isLast: attempt === candidates.length - 1 };
      }
    },
  };
}
