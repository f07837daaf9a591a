import { Tensor } from "onnxruntime-node";
import { roomFor } from "./batch-rows.ts";
import {
  bytesPerPosition,
  type CacheShape,
  createCacheData,
  type KeyValueCache,
} from "./key-value-cache.ts";

/** The caches of a call's rows side by side, as its inputs. */
export interface BatchCache {
  /**
   * Lays out the caches of distinct streams with room for `gained` more positions. What it gives is valid until the next
   * call of this.
   */
  layOut(caches: readonly KeyValueCache[], gained: number): Layout;
  /** Forgets a cache that is freed. Room that the others do not need is given back. */
  forget(cache: KeyValueCache): void;
  readonly heldBytes: number;
}

export interface Layout {
  /** Which of the caches lies in each row. */
  order: readonly number[];
  /** Each [B, heads, P, head size], right-padded. */
  tensors: Tensor[];
}

/** Calls in a row that leave more than half of the room empty, until it is given back. */
const patience = 16;

/**
 * Streams that step together again stay in their rows, and only what they gained is copied. Copies of the last row fill a
 * call up to a multiple of `rowMultiple` rows.
 */
export function createBatchCache(shape: CacheShape, rowMultiple = 1): BatchCache {
  const { type, tensors, heads, headSize } = shape;
  let buffers = Array.from({ length: tensors }, () => createCacheData(shape, 0));
  let room = 0;
  /** What lies in each row, and how much of it. */
  let places: ({ cache: KeyValueCache; length: number } | undefined)[] = [];
  let callsWithLess = 0;

  function resize(elements: number): void {
    const capacity = buffers[0]?.length ?? 0;
    callsWithLess = 2 * elements < capacity ? callsWithLess + 1 : 0;
    if (elements <= capacity && callsWithLess < patience) return;
    callsWithLess = 0;
    places = [];
    // One by one, so that never two of all are held.
    for (let tensor = 0; tensor < tensors; tensor++) {
      buffers[tensor] = createCacheData(shape, 0);
      buffers[tensor] = createCacheData(shape, elements);
    }
  }

  /** Those that have a row keep it if the call has that row; the others take what is left. */
  function arrange(caches: readonly KeyValueCache[]): number[] {
    const order: number[] = [];
    const newcomers: number[] = [];
    caches.forEach((cache, index) => {
      const row = places.findIndex((place) => place?.cache === cache);
      if (row >= 0 && row < caches.length) order[row] = index;
      else newcomers.push(index);
    });
    for (let row = 0; row < caches.length; row++) order[row] ??= newcomers.shift() ?? 0;
    return order;
  }

  function clear(): void {
    buffers = buffers.map(() => createCacheData(shape, 0));
    places = [];
  }

  return {
    layOut(caches, gained) {
      const longest = Math.max(...caches.map(({ length }) => length));
      const rows = Math.ceil(caches.length / rowMultiple) * rowMultiple;
      const newRoom = roomFor(longest + gained);
      resize(rows * heads * newRoom * headSize);
      if (newRoom !== room) places = [];
      room = newRoom;

      const order = arrange(caches);
      while (order.length < rows) order.push(order.at(-1) ?? 0);
      const rowElements = heads * room * headSize;
      order.forEach((index, row) => {
        const cache = caches[index];
        if (!cache) return;
        const place = places[row];
        const present = place?.cache === cache ? place.length : 0;
        buffers.forEach((buffer, tensor) => {
          const target = buffer.subarray(row * rowElements, (row + 1) * rowElements);
          cache.copyTo(target, room, tensor, present);
        });
        places[row] = { cache, length: cache.length };
      });
      const dimensions = [rows, heads, room, headSize];
      return {
        order,
        tensors: buffers.map(
          (buffer) => new Tensor(type, buffer.subarray(0, rows * rowElements), dimensions),
        ),
      };
    },
    forget(cache) {
      places = places.map((place) => (place?.cache === cache ? undefined : place));
      if (places.every((place) => place === undefined)) clear();
    },
    get heldBytes() {
      return ((buffers[0]?.length ?? 0) / (heads * headSize)) * bytesPerPosition(shape);
    },
  };
}
