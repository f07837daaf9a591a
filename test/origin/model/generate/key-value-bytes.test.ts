import { expect, it } from "vitest";
import { keyValueBytes } from "../../../../origin/model/generate/key-value-bytes.ts";

const sizes = {
  bytesPerPosition: 10,
  pagePositions: 32,
  roomStep: 64,
  maxPadding: 2,
  maxRows: 4,
  rowMultiple: 1,
  copiesInCall: 3,
};

it("counts whole pages for each, and the rows of the largest call as often as it holds them", () => {
  expect(keyValueBytes(sizes, [])).toBe(0);
  expect(keyValueBytes(sizes, [33])).toBe((64 + 3 * 64) * 10);
  expect(keyValueBytes(sizes, [33, 65])).toBe((64 + 96 + 3 * 2 * 128) * 10);
});

it("counts no more rows than a call has, and copies that fill them up", () => {
  expect(keyValueBytes(sizes, Array(6).fill(64))).toBe((6 * 64 + 3 * 4 * 64) * 10);
  expect(keyValueBytes({ ...sizes, rowMultiple: 2 }, [64])).toBe((64 + 3 * 2 * 64) * 10);
});

it("counts no call of rows so short that a long one would be mostly padding", () => {
  const short = Array(3).fill(64);
  expect(keyValueBytes(sizes, [640, ...short])).toBe((640 + 3 * 64 + 3 * 2 * 640) * 10);
});
