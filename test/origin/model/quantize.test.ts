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

test("int4 packs two weights a byte, the first in the low half", () => {
  const { packed, scales } = quantizeMatrix(Float32Array.of(-8, 7, 3, -2), 4, 4, 4);

  expect([...scales]).toEqual([1]);
  expect([...packed]).toEqual([0xf0, 0x6b]);
});

test("clips a value as extreme as the first but of the other sign", () => {
  const { packed, scales } = quantizeMatrix(Float32Array.of(-8, 8), 2, 4, 2);

  expect([...scales]).toEqual([1]);
  expect([...packed]).toEqual([0xf0]);
});

test("blocks never cross a row", () => {
  const { scales } = quantizeMatrix(Float32Array.of(1, 1, 1, 2, 2, 2), 3, 8, 2);

  expect([...scales]).toEqual([1, 1, 2, 2].map((extreme) => -extreme / 128));
});
