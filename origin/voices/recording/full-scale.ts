/** As near to full scale as 16 bits and what lossy codecs add let a flat top be. */
const fullScale = 0.995;

/** Peaks of speech that is merely loud touch full scale; only what is cut off stays there. */
const shortestFlatTop = 3;

export interface FullScaleCounter {
  /** Takes the next samples of every channel. */
  count(channels: readonly Float32Array[]): void;
  /** Of all samples, the share of those in flat tops: 0 to 1. */
  readonly share: number;
}

/** Finds recordings that were too loud for what recorded them, before anything rounds off the tops. */
export function createFullScaleCounter(): FullScaleCounter {
  const runs: number[] = [];
  let [flat, all] = [0, 0];
  return {
    count(channels) {
      for (const [index, channel] of channels.entries()) {
        let run = runs[index] ?? 0;
        for (const sample of channel) {
          run = Math.abs(sample) >= fullScale ? run + 1 : 0;
          if (run === shortestFlatTop) flat += run;
          else if (run > shortestFlatTop) flat++;
        }
        runs[index] = run;
        all += channel.length;
      }
    },
    get share() {
      return all > 0 ? flat / all : 0;
    },
  };
}
