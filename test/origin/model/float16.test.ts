import { expect, test } from "vitest";
import { toFloat16 } from "../../../origin/model/float16.ts";
import { toFloat32 } from "../../../origin/model/stored-type.ts";

/** Every finite binary16 of one sign in rising order, and what it is. */
const patterns = Uint16Array.from({ length: 0x7c00 }, (_, bits) => bits);
const numbers = toFloat32("F16", new Uint8Array(patterns.buffer));

test("every binary16 comes back as itself, of either sign", () => {
  expect(toFloat16(numbers)).toEqual(patterns);
  expect(toFloat16(numbers.map((number) => -number))).toEqual(
    patterns.map((bits) => bits | 0x8000),
  );
});

test("a number between two goes to the nearer one, and from the middle to the even one", () => {
  const middles = numbers
    .slice(0, -1)
    .map((number, index) => (number + (numbers[index + 1] ?? 0)) / 2);
  const nudged = (by: number) => middles.map((middle) => middle * (1 + by));

  expect(toFloat16(middles)).toEqual(patterns.slice(0, -1).map((bits) => bits + (bits & 1)));
  expect(toFloat16(nudged(-1e-6))).toEqual(patterns.slice(0, -1));
  expect(toFloat16(nudged(1e-6))).toEqual(patterns.slice(1));
});

test("what is next to nothing is nothing, and what is too large is refused", () => {
  expect(toFloat16(Float32Array.of(2 ** -26, -(2 ** -149), 65_519))).toEqual(
    Uint16Array.of(0, 0x8000, 0x7bff),
  );
  for (const large of [65_520, -1e9, Number.POSITIVE_INFINITY, Number.NaN]) {
    expect(() => toFloat16(Float32Array.of(1, large))).toThrow(
      `${Math.fround(large)} is beyond float16, which ends at 65504`,
    );
  }
});
