import { expect, test } from "vitest";
import { quantizeMatrix } from "../../../origin/model/quantize.ts";

test("the extreme of a block becomes the lowest integer and int8 stores an offset of 128", () => {
  const { packed, scales, blocksPerRow } = quantizeMatrix(
    Float32Array.of(-1, 0.5, 0, 2, 0, 0, 0, 0, 4),
    9,
    8,
    4,
  );

  expect(blocksPerRow).toBe(3);
  expect([...scales]).toEqual([-2 / 128, 0, -4 / 128]);
  expect([...packed]).toEqual([192, 96, 128, 0, 128, 128, 128, 128, 0, 128, 128, 128]);
});

test("the scale of an int4 block is the one that fits its integers best, by the squares of the weights", () => {
  const weights = Float32Array.from({ length: 128 }, (_, index) => Math.tan(1.3 * Math.sin(index)));
  const { packed, scales } = quantizeMatrix(weights, 128, 4, 128);
  const integers = [...packed].flatMap((byte) => [(byte & 15) - 8, (byte >> 4) - 8]);
  const error = (scale: number) =>
    weights.reduce((sum, v, index) => sum + (v * (v - scale * (integers[index] ?? 0))) ** 2, 0);

  const extreme = weights.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a), 0);
  const [scale = 0] = scales;
  expect(error(scale)).toBeLessThan(0.95 * error(-extreme / 8));
  expect(error(scale)).toBeLessThan(error(1.001 * scale));
  expect(error(scale)).toBeLessThan(error(0.999 * scale));
});

test("int4 packs two weights a byte, the first in the low half", () => {
  const { packed, scales } = quantizeMatrix(Float32Array.of(-8, 7, 3, -2), 4, 4, 4);

  expect([...scales]).toEqual([1]);
  expect([...packed]).toEqual([0xf0, 0x6b]);
});

test("clips a value as extreme as the first but of the other sign", () => {
  const { packed, scales } = quantizeMatrix(Float32Array.of(-8, 8), 2, 4, 2);

  // Between 1, which is right for the first, and 8 / 7.
  expect([...scales]).toEqual([Math.fround(((8 + 7) / (8 ** 2 + 7 ** 2)) * 8)]);
  expect([...packed]).toEqual([0xf0]);
});

test("blocks never cross a row", () => {
  const { scales } = quantizeMatrix(Float32Array.of(1, 1, 1, 2, 2, 2), 3, 8, 2);

  expect([...scales]).toEqual([1, 1, 2, 2].map((extreme) => -extreme / 128));
});
