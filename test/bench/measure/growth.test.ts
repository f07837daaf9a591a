import { expect, it } from "vitest";
import { findGrowth } from "./growth.ts";

const megabytes = (numbers: number[]) =>
  numbers.map((number) => ({ heap: 50e6, held: number * 1e6 }));

it("names what grows with time, and not what settles, jitters or falls", () => {
  const leak = Array.from({ length: 30 }, (_, minute) => 200 + 3 * minute);
  expect(findGrowth(megabytes(leak))).toMatch(/^held grows: from \d+ MB to \d+ MB$/);

  const settles = leak.map((_, minute) => (minute < 6 ? 100 + 20 * minute : 220 + (minute % 5)));
  expect(findGrowth(megabytes(settles))).toBeNull();
  expect(findGrowth(megabytes(leak.toReversed()))).toBeNull();
});

it("asks for enough to compare", () => {
  expect(() => findGrowth(megabytes([200]))).toThrow("1 samples are too few to compare");
});
