import { expect, test } from "vitest";
import {
  bytesPerPosition,
  createPagePool,
  type KeyValueCache,
  pagePositions,
} from "../../../../origin/model/generate/key-value-cache.ts";

const shape = { type: "float32", tensors: 2, heads: 2, headSize: 1 } as const;

/** What the heads of a tensor hold. */
function held(cache: KeyValueCache, tensor: number): number[][] {
  const room = cache.length + 3;
  const target = new Float32Array(2 * room);
  cache.copyTo(target, room, tensor, 0);
  return [0, room].map((start) => [...target.subarray(start, start + cache.length)]);
}

/** What `count` positions of a single row gained, each with its number and that of its tensor and head. */
function gained(first: number, count: number): Float32Array {
  return Float32Array.from({ length: 4 * count }, (_, index) => {
    const head = Math.floor(index / count);
    return 1000 * head + first + (index % count);
  });
}

test("takes its own row of a batch and keeps it", () => {
  const cache = createPagePool(shape).open();
  // [2 tensors, 3 rows, 2 heads, 2 positions, 1 element]
  const batch = Float32Array.from({ length: 24 }, (_, index) => index);

  cache.append(batch, 1, 2);
  cache.append(batch, 2, 2);

  expect(cache.length).toBe(4);
  expect(held(cache, 0)).toEqual([
    [4, 5, 8, 9],
    [6, 7, 10, 11],
  ]);
  expect(held(cache, 1)).toEqual([
    [16, 17, 20, 21],
    [18, 19, 22, 23],
  ]);
});

test.each([1, 7, 31, 32, 33, 100])(
  "keeps its order over pages when it gains %i at a time",
  (count) => {
    const cache = createPagePool(shape).open();
    for (let first = 0; first < 200; first += count) cache.append(gained(first, count), 0, count);

    const positions = Array.from({ length: cache.length }, (_, position) => position);
    expect(held(cache, 1)).toEqual([2000, 3000].map((start) => positions.map((at) => start + at)));
    const target = new Float32Array(2 * cache.length);
    cache.copyTo(target, cache.length, 0, 40);
    expect([...target.subarray(38, 42)]).toEqual([0, 0, 40, 41]);
    expect(() => cache.copyTo(target, cache.length - 1, 0, 0)).toThrow(RangeError);
  },
);

test("holds whole pages for what lives, gives the next stream those of one that ended, and the rest back", () => {
  const pool = createPagePool(shape);
  const pageBytes = pagePositions * bytesPerPosition(shape);
  const caches = Array.from({ length: 10 }, () => pool.open());
  for (const cache of caches) cache.append(gained(0, pagePositions + 1), 0, pagePositions + 1);
  expect(pool.heldBytes).toBe(20 * pageBytes);

  caches[0]?.free();
  caches[0]?.free();
  expect(pool.heldBytes).toBe(20 * pageBytes);
  pool.open().append(gained(0, 2 * pagePositions), 0, 2 * pagePositions);
  expect(pool.heldBytes).toBe(20 * pageBytes);

  for (const cache of caches) cache.free();
  expect(pool.heldBytes).toBe(3 * pageBytes);
});
