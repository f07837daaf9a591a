import type { Tensor } from "onnxruntime-node";

/** How a type is held in JavaScript: float16 as its bits. */
const elements = { float32: Float32Array, float16: Uint16Array };

export type CacheData = Float32Array | Uint16Array;

export function createCacheData({ type }: CacheShape, length: number): CacheData {
  return new elements[type](length);
}

/** What the graph gives as part of a cache. Newer versions of Node have a type of their own for float16. */
export function cacheDataOf({ data }: Tensor): CacheData {
  if (data instanceof Float32Array) return data;
  if (!ArrayBuffer.isView(data)) throw new Error("a cache is of numbers");
  return new Uint16Array(data.buffer, data.byteOffset, data.length);
}

/** Type and sizes of a talker's cache. */
export interface CacheShape {
  type: keyof typeof elements;
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
  tensor(index: number): CacheData;
  /**
   * Appends the `count` positions that row `row` gained in a call: `gained` is [tensors, B, heads, count, head size].
   */
  append(gained: CacheData, row: number, count: number): void;
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
  let buffers = Array.from({ length: tensors }, () => createCacheData(shape, 0));

  function reserve(positions: number): void {
    if (positions <= room) return;
    const larger = roomFor(positions);
    buffers = buffers.map((buffer) => {
      const target = createCacheData(shape, heads * larger * headSize);
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
  source: CacheData,
  sourceRoom: number,
  target: CacheData,
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
