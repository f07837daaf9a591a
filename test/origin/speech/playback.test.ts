import { expect, it } from "vitest";
import { createPlayback } from "../../../origin/speech/playback.ts";

it("hears no gap as long as there is more made than was played", () => {
  const playback = createPlayback();
  const gaps = [1, 1, 1, 1].map((sound) => playback.push(sound, 0.9));
  expect(gaps).toEqual([0, 0, 0, 0]);
  expect(playback.realTimeFactor).toBeCloseTo(0.9);
});

it("hears silence where the engine is slower than speech, for as long as it is behind", () => {
  const playback = createPlayback();
  // However long the first takes, nothing is playing yet.
  expect(playback.push(1, 10)).toBe(0);
  expect(playback.push(1, 1.5)).toBeCloseTo(0.5);
  expect(playback.push(1, 1.5)).toBeCloseTo(0.5);
  expect(playback.push(4, 0.5)).toBe(0);
  expect(playback.push(1, 4)).toBe(0);
  expect(playback.push(1, 2)).toBeCloseTo(0.5);
});

it("takes what no listener would notice for no gap", () => {
  const playback = createPlayback();
  playback.push(0.08, 0);
  expect(playback.push(0.08, 0.1)).toBe(0);
  expect(createPlayback().realTimeFactor).toBeUndefined();
});
