import { expect, test } from "vitest";
import { createKeyValueCache } from "../../../../origin/model/generate/key-value-cache.ts";

const shape = { type: "float32", tensors: 2, heads: 2, headSize: 1 } as const;

/** What a head of a tensor holds. */
function held(cache: ReturnType<typeof createKeyValueCache>, tensor: number, head: number) {
  const start = head * cache.room;
  return [...cache.tensor(tensor).subarray(start, start + cache.length)];
}

test("takes its own row of a batch and keeps it while it grows", () => {
  const cache = createKeyValueCache(shape);
  // [2 tensors, 3 rows, 2 heads, 2 positions, 1 element]
  const gained = Float32Array.from({ length: 24 }, (_, index) => index);

  cache.append(gained, 1, 2);
  const before = cache.room;
  cache.reserve(before + 1);
  cache.append(gained, 2, 2);

  expect(cache.room).toBeGreaterThan(before);
  expect(cache.length).toBe(4);
  expect([held(cache, 0, 0), held(cache, 0, 1)]).toEqual([
    [4, 5, 8, 9],
    [6, 7, 10, 11],
  ]);
  expect([held(cache, 1, 0), held(cache, 1, 1)]).toEqual([
    [16, 17, 20, 21],
    [18, 19, 22, 23],
  ]);
});

test("is copied a bounded number of times however long it gets", () => {
  const cache = createKeyValueCache(shape);
  const rooms = new Set<number>();
  for (let positions = 1; positions <= 4096; positions++) {
    cache.reserve(positions);
    rooms.add(cache.room);
  }

  expect(rooms.size).toBeLessThan(15);
  expect(cache.room).toBeLessThan(2 * 4096);
});
