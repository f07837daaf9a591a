import { expect, test } from "vitest";
import { createBatchCache } from "../../../../origin/model/generate/batch-cache.ts";
import {
  createPagePool,
  type KeyValueCache,
} from "../../../../origin/model/generate/key-value-cache.ts";

const shape = { type: "float32", tensors: 2, heads: 1, headSize: 1 } as const;
const pool = createPagePool(shape);

interface Watched extends KeyValueCache {
  /** From which position on it was copied, each time that some of it was. */
  copies: number[];
}

/** A cache of so many positions, each of which holds `mark`. */
function cacheOf(mark: number, positions: number): Watched {
  const cache = pool.open();
  cache.append(new Float32Array(2 * positions).fill(mark), 0, positions);
  const copies: number[] = [];
  return {
    get length() {
      return cache.length;
    },
    append: cache.append,
    copyTo(target, room, index, first) {
      if (index === 0 && first < cache.length) copies.push(first);
      cache.copyTo(target, room, index, first);
    },
    free: cache.free,
    copies,
  };
}

const gain = (cache: KeyValueCache) => cache.append(new Float32Array(2).fill(9), 0, 1);

/** The marks of the rows of a layout's first tensor, by their first positions. */
function marks({ tensors }: ReturnType<ReturnType<typeof createBatchCache>["layOut"]>): number[] {
  const [tensor] = tensors;
  const [rows = 0, , room = 0] = tensor?.dims ?? [];
  const data = tensor?.data as Float32Array;
  return Array.from({ length: rows }, (_, row) => data[row * room] ?? Number.NaN);
}

test("rows stay in place, and only what they gained is copied", () => {
  const batch = createBatchCache(shape);
  const [a, b, c] = [cacheOf(1, 10), cacheOf(2, 20), cacheOf(3, 30)] as const;
  expect(marks(batch.layOut([a, b, c], 8))).toEqual([1, 2, 3]);
  for (const cache of [a, b, c]) gain(cache);
  const { order } = batch.layOut([c, a, b], 8);

  expect(order).toEqual([1, 2, 0]);
  expect([a, b, c].map(({ copies }) => copies)).toEqual([
    [0, 10],
    [0, 20],
    [0, 30],
  ]);
});

test("a newcomer takes the row of one that left, and the others stay", () => {
  const batch = createBatchCache(shape);
  const [a, b, c, d] = [cacheOf(1, 10), cacheOf(2, 20), cacheOf(3, 30), cacheOf(4, 5)] as const;
  batch.layOut([a, b, c], 8);
  batch.forget(a);
  const layout = batch.layOut([b, c, d], 8);

  expect(layout.order).toEqual([2, 0, 1]);
  expect(marks(layout)).toEqual([4, 2, 3]);
  expect([b, c, d].map(({ copies }) => copies)).toEqual([[0], [0], [0]]);
});

test("rows move when the room does not suffice, and the last fills up", () => {
  const batch = createBatchCache(shape, 2);
  const [a, b, c] = [cacheOf(1, 60), cacheOf(2, 20), cacheOf(3, 10)] as const;
  expect(marks(batch.layOut([a], 4))).toEqual([1, 1]);
  const layout = batch.layOut([b, a, c], 5);

  expect(layout.tensors[1]?.dims).toEqual([4, 1, 128, 1]);
  expect(layout.order).toEqual([0, 1, 2, 2]);
  expect(marks(layout)).toEqual([2, 1, 3, 3]);
});

test("room that calls have long not needed is given back, and all of it when nobody is left", () => {
  const batch = createBatchCache(shape);
  const [long, short] = [cacheOf(1, 500), cacheOf(2, 10)] as const;
  batch.layOut([long], 1);
  const most = batch.heldBytes;
  batch.forget(long);
  expect(batch.heldBytes).toBe(0);

  batch.layOut([long], 1);
  for (let call = 0; call < 15; call++) batch.layOut([short], 1);
  expect(batch.heldBytes).toBe(most);
  batch.layOut([short], 1);
  expect(batch.heldBytes).toBe(64 * 2 * 4);
});
