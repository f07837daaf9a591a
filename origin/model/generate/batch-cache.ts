import { Tensor } from "onnxruntime-node";
import {
  type CacheShape,
  copyPositions,
  createCacheData,
  type KeyValueCache,
  roomFor,
} from "./key-value-cache.ts";

/**
 * The caches of a call's rows as its inputs, each [B, heads, P, head size] and right-padded. They are valid until the
 * next call.
 */
export type BatchCache = (rows: readonly KeyValueCache[]) => Tensor[];

/**
 * A single row's cache goes in as it is. Those of several are copied side by side, and stay there: streams that step
 * together again only add what they gained.
 */
export function createBatchCache(shape: CacheShape): BatchCache {
  const { type, tensors, heads, headSize } = shape;
  let buffers = Array.from({ length: tensors }, () => createCacheData(shape, 0));
  let room = 0;
  /** What lies in each row. A stream that ended must not be kept alive by it. */
  let places: { cache: WeakRef<KeyValueCache>; length: number }[] = [];

  function makeRoom(rows: readonly KeyValueCache[]): void {
    const positions = Math.max(...rows.map(({ length }) => length));
    const rowElements = heads * room * headSize;
    if (positions <= room && rows.length * rowElements <= (buffers[0]?.length ?? 0)) return;
    room = Math.max(room, roomFor(positions));
    const elements = rows.length * heads * room * headSize;
    buffers = buffers.map(() => createCacheData(shape, elements));
    places = [];
  }

  return (rows) => {
    const [only] = rows;
    if (only && rows.length === 1) {
      const dimensions = [1, heads, only.room, headSize];
      return buffers.map((_, index) => new Tensor(type, only.tensor(index), dimensions));
    }

    makeRoom(rows);
    const rowElements = heads * room * headSize;
    rows.forEach((cache, row) => {
      const place = places[row];
      const present = place?.cache.deref() === cache ? place.length : 0;
      buffers.forEach((buffer, tensor) => {
        const target = buffer.subarray(row * rowElements, (row + 1) * rowElements);
        const span = [present, cache.length] as const;
        copyPositions(cache.tensor(tensor), cache.room, target, room, span, shape);
      });
      places[row] = { cache: new WeakRef(cache), length: cache.length };
    });
    return buffers.map((buffer) => {
      const batch = buffer.subarray(0, rows.length * rowElements);
      return new Tensor(type, batch, [rows.length, heads, room, headSize]);
    });
  };
}
