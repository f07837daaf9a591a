import { createRandom } from "./random.ts";

/** Cuts PCM into chunks of one size, or of sizes that `size` draws. */
export function* cut(
  pcm: Float32Array,
  size: number | (() => number),
): Generator<Float32Array, void> {
  for (let at = 0; at < pcm.length; ) {
    const count = typeof size === "number" ? size : size();
    yield pcm.subarray(at, at + count);
    at += count;
  }
}

/** Ways to cut PCM that a correct stream does not show: 1920 samples are one codec frame of the model. */
export function chunkings(): [name: string, size: number | (() => number)][] {
  const random = createRandom(7);
  return [
    ["1 sample", 1],
    ["7 samples", 7],
    ["480 samples", 480],
    ["1920 samples", 1920],
    ["100000 samples", 100_000],
    ["random lengths, some of them empty", () => Math.floor(random() ** 3 * 6000)],
  ];
}
