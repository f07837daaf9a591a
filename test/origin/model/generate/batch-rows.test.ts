import { expect, test } from "vitest";
import { groupRows } from "../../../../origin/model/generate/batch-rows.ts";

test("rows of about one length share a call", () => {
  expect(groupRows([75, 83, 128, 91])).toEqual([[0, 1, 2, 3]]);
  expect(groupRows([])).toEqual([]);
  expect(groupRows([1])).toEqual([[0]]);
});

test("a long row among short ones has a call of its own", () => {
  expect(groupRows([43, 43, 600, 43, 43])).toEqual([[2], [0, 1, 3, 4]]);
});

test("rows in between are shared out where it costs the least", () => {
  expect(groupRows([600, 500, 60, 550, 60, 60, 60, 60, 60])).toEqual([
    [0, 1, 3],
    [2, 4, 5, 6, 7, 8],
  ]);
});
