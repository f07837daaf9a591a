import { expect, it } from "vitest";
import { type Arrival, createPlayback } from "../../../origin/speech/playback.ts";

/** A playback that is given each sound after so many seconds of the engine's, and before them so many of the reader's. */
function listener() {
  const playback = createPlayback();
  let now = 100;
  return {
    playback,
    push(
      soundSeconds: number,
      engineSeconds: number,
      more: { paused?: number; textAt?: number } = {},
    ) {
      const askedAt = now + (more.paused ?? 0);
      now = askedAt + engineSeconds;
      const arrival: Arrival = { soundSeconds, askedAt, at: now };
      return playback.push(
        more.textAt === undefined ? arrival : { ...arrival, textAt: more.textAt },
      );
    },
  };
}

it("hears no gap as long as there is more made than was played", () => {
  const { push, playback } = listener();
  const gaps = [1, 1, 1, 1].map((sound) => push(sound, 0.9));
  expect(gaps).toEqual([0, 0, 0, 0]);
  expect(playback.realTimeFactor).toBeCloseTo(0.9);
});

it("hears silence where the engine is slower than speech, for as long as it is behind", () => {
  const { push } = listener();
  // However long the first takes, nothing is playing yet.
  expect(push(1, 10)).toBe(0);
  expect(push(1, 1.5)).toBeCloseTo(0.5);
  expect(push(1, 1.5)).toBeCloseTo(0.5);
  expect(push(4, 0.5)).toBe(0);
  expect(push(1, 4)).toBe(0);
  expect(push(1, 2)).toBeCloseTo(0.5);
});

it("takes what no listener would notice for no gap", () => {
  const { push } = listener();
  push(0.08, 0);
  expect(push(0.08, 0.1)).toBe(0);
  expect(createPlayback().realTimeFactor).toBeUndefined();
});

it("plays on while its reader takes nothing, who has enough for now, and knows that a slow one is silent by himself", () => {
  const { push, playback } = listener();
  push(10, 0);
  // Nine of the ten seconds have been played when the engine is asked again, and is late.
  expect(push(1, 3, { paused: 9 })).toBeCloseTo(2);
  expect(push(1, 0, { paused: 30 })).toBe(0);
  expect(push(1, 1.5)).toBeCloseTo(0.5);
  expect(playback.realTimeFactor).toBeCloseTo(1.5);
});

it("blames no engine for a text that comes when all before it has been heard", () => {
  const { push, playback } = listener();
  push(1, 0);
  // Heard to the end after 101 s, and gone on with after 108, for which the engine took half a second.
  expect(push(1, 8.5, { textAt: 108 })).toBe(0);
  expect(playback.realTimeFactor).toBeCloseTo(0.5);
  // That text came before the silence, which is the engine's.
  expect(push(1, 3, { textAt: 108 })).toBeCloseTo(2);
});
