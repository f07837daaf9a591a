import { expect, it } from "vitest";
import { longestSeconds } from "../../../../origin/engine/qwen3/duration-bounds.ts";

it.each([
  ["", 3],
  ["Hello, world!", 3 + 10 * 0.15 + 2 * 0.5],
  ["你好。", 3 + 2 * 0.5 + 0.5],
  ["カタカナ 한국", 3 + 6 * 0.5],
  ["1234", 3 + 4 * 1.2],
  ["5 + 7 = 12", 3 + 6 * 1.2],
  ["😀", 3 + 1.2],
  ["a I USA", 3 + 2 * 0.15 + 3 * 0.5],
  ["www HTML", 3 + 3 + 4 * 0.5],
  ["ABCDEFGHIJ", 3 + 10 * 0.15],
  ["JKLMNOP", 3 + 7 * 0.5],
  ["AN ANOTHER", 3 + 2 * 0.5 + 7 * 0.15],
  ["it's l’été", 3 + 7 * 0.15],
  ["в С-4", 3 + 2 * 0.5 + 1.2],
])("gives %j at most %d seconds", (text, seconds) => {
  expect(longestSeconds(text)).toBeCloseTo(seconds, 9);
});
