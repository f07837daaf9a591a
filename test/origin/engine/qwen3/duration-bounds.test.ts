import { expect, it } from "vitest";
import { longestSeconds } from "../../../../origin/engine/qwen3/duration-bounds.ts";

it.each([
  ["", 3],
  ["Hello, world!", 3 + 10 * 0.15 + 2 * 0.5],
  ["你好。", 3 + 2 * 0.5 + 0.5],
  ["カタカナ 한국", 3 + 6 * 0.5],
  ["1234", 3 + 4 * 0.6],
  ["5 + 7 = 12", 3 + 6 * 0.6],
  ["😀", 3 + 0.6],
])("gives %j at most %d seconds", (text, seconds) => {
  expect(longestSeconds(text)).toBeCloseTo(seconds, 9);
});
