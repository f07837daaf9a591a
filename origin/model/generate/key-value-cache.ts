/** Sizes of a talker's cache. */
export interface CacheShape {
  /** Two for each layer: its keys, then its values. */
  tensors: number;
  heads: number;
  headSize: number;
}

/** What one stream's attention remembers. Grows in steps, so that a position is seldom copied again. */
export interface KeyValueCache {
  /** Positions held. */
  readonly length: number;
  /** Positions there is room for. */
  readonly capacity: number;
  /** Makes room for this many positions in all. */
  reserve(positions: number): void;
  /** Tensor `index`: [heads, capacity, head size], of which the first `length` positions count. */
  tensor(index: number): Float32Array;
  /**
   * Appends the `count` positions that row `row` gained in a call: `gained` is [tensors, B, heads, count, head size].
   * There must be room for them.
   */
  append(gained: Float32Array, row: number, count: number): void;
}

/** Room is made for 64 positions, about five seconds of speech, more at a time; then by half of what there is. */
const minGrowth = 64;

export function createKeyValueCache({ tensors, heads, headSize }: CacheShape): KeyValueCache {
  let length = 0;
  let capacity = 0;
  let buffers = Array.from({ length: tensors }, () => new Float32Array(0));

  return {
    get length() {
      return length;
    },
    get capacity() {
      return capacity;
    },
    reserve(positions) {
      if (positions <= capacity) return;
      const grown = Math.max(positions, capacity + Math.max(minGrowth, Math.floor(capacity / 2)));
      buffers = buffers.map((buffer) => {
        const larger = new Float32Array(heads * grown * headSize);
        copyHeads(buffer, capacity, larger, grown, length, { heads, headSize });
        return larger;
      });
      capacity = grown;
    },
    tensor(index) {
      const buffer = buffers[index];
      if (!buffer) throw new Error(`the cache has ${tensors} tensors, not ${index + 1}`);
      return buffer;
    },
    append(gained, row, count) {
      if (length + count > capacity) throw new Error(`no room for ${count} more positions`);
      const headElements = count * headSize;
      const rowElements = heads * headElements;
      const rows = gained.length / tensors / rowElements;
      buffers.forEach((buffer, tensor) => {
        for (let head = 0; head < heads; head++) {
          const start = (tensor * rows + row) * rowElements + head * headElements;
          const target = (head * capacity + length) * headSize;
          buffer.set(gained.subarray(start, start + headElements), target);
        }
      });
      length += count;
    },
  };
}

/** Copies the first `positions` of every head between tensors of different room, [heads, room, head size]. */
export function copyHeads(
  source: Float32Array,
  sourceRoom: number,
  target: Float32Array,
  targetRoom: number,
  positions: number,
  { heads, headSize }: Pick<CacheShape, "heads" | "headSize">,
): void {
  for (let head = 0; head < heads; head++) {
    const start = head * sourceRoom * headSize;
    target.set(source.subarray(start, start + positions * headSize), head * targetRoom * headSize);
  }
}
