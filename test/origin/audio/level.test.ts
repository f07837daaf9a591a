import { expect, it } from "vitest";
import { createLevel } from "../../../origin/audio/level.ts";

it("measures sound in whatever pieces it comes, and leaves out what is no number", () => {
  const level = createLevel();
  for (const piece of [[0.5, -0.75], [], [Number.NaN, 0.25], [Number.NEGATIVE_INFINITY]]) {
    level.push(Float32Array.from(piece));
  }
  expect(level).toMatchObject({ samples: 5, nonFinite: 2, peak: 0.75 });
  expect(level.rms).toBeCloseTo(Math.sqrt((0.25 + 0.5625 + 0.0625) / 3), 6);
});

it("is silent where there is no sound", () => {
  expect(createLevel()).toMatchObject({ samples: 0, nonFinite: 0, peak: 0, rms: 0 });
});
