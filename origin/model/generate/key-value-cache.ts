/** Sizes of a talker's cache. */
export interface CacheShape {
  /** Two for each layer: its keys, then its values. */
  tensors: number;
  heads: number;
  headSize: number;
}

/** What one stream's attention remembers, in room that grows seldom. */
export interface KeyValueCache {
  /** Positions held. */
  readonly length: number;
  /** Positions there is room for. */
  readonly room: number;
  /** Makes room for this many positions in all. */
  reserve(positions: number): void;
  /** Tensor `index`: [heads, room, head size], of which the first `length` positions count. */
  tensor(index: number): Float32Array;
  /**
   * Appends the `count` positions that row `row` gained in a call: `gained` is [tensors, B, heads, count, head size].
   */
  append(gained: Float32Array, row: number, count: number): void;
}

/** At least about five seconds of speech are gained with every growth. */
const minGrowth = 64;

/** Room for `positions` and half as many more, so that however long a stream gets, each position is moved rarely. */
export function roomFor(positions: number): number {
  return positions + Math.max(minGrowth, Math.floor(positions / 2));
}

export function createKeyValueCache(shape: CacheShape): KeyValueCache {
  const { tensors, heads, headSize } = shape;
  let length = 0;
  let room = 0;
  let buffers = Array.from({ length: tensors }, () => new Float32Array(0));

  function reserve(positions: number): void {
    if (positions <= room) return;
    const larger = roomFor(positions);
    buffers = buffers.map((buffer) => {
      const target = new Float32Array(heads * larger * headSize);
      copyPositions(buffer, room, target, larger, [0, length], shape);
      return target;
    });
    room = larger;
  }

  return {
    get length() {
      return length;
    },
    get room() {
      return room;
    },
    reserve,
    tensor(index) {
      const buffer = buffers[index];
      if (!buffer) throw new Error(`the cache has ${tensors} tensors, not ${index + 1}`);
      return buffer;
    },
    append(gained, row, count) {
      reserve(length + count);
      const rowElements = heads * count * headSize;
      const rows = gained.length / tensors / rowElements;
      buffers.forEach((buffer, tensor) => {
        const start = (tensor * rows + row) * rowElements;
        const source = gained.subarray(start, start + rowElements);
        const target = buffer.subarray(length * headSize);
        copyPositions(source, count, target, room, [0, count], shape);
      });
      length += count;
    },
  };
}

/** Copies the positions of `span` of every head between tensors of different room, [heads, room, head size]. */
export function copyPositions(
  source: Float32Array,
  sourceRoom: number,
  target: Float32Array,
  targetRoom: number,
  [first, end]: readonly [number, number],
  { heads, headSize }: Pick<CacheShape, "heads" | "headSize">,
): void {
  for (let head = 0; head < heads; head++) {
    const start = head * sourceRoom;
    const positions = source.subarray((start + first) * headSize, (start + end) * headSize);
    target.set(positions, (head * targetRoom + first) * headSize);
  }
}
