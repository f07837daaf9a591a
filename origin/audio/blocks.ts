/** Cuts a stream of samples into blocks of one length, so that what follows does not depend on how it arrived. */
export interface Blocks {
  /** Yields the blocks that became full, each valid until the next is asked for. To be read to its end. */
  push(pcm: Float32Array): Generator<Float32Array, void>;
  /** The samples that did not fill a block yet. */
  rest(): Float32Array;
}

export function createBlocks(blockSamples: number): Blocks {
  const block = new Float32Array(blockSamples);
  let filled = 0;
  return {
    *push(pcm) {
      for (let at = 0; at < pcm.length; ) {
        const count = Math.min(blockSamples - filled, pcm.length - at);
        block.set(pcm.subarray(at, at + count), filled);
        filled += count;
        at += count;
        if (filled < blockSamples) return;
        filled = 0;
        yield block;
      }
    },
    rest: () => block.subarray(0, filled),
  };
}
