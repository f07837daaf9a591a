import { describe, expect, it } from "vitest";
import { createDegenerationWatch } from "../../../../origin/engine/qwen3/degeneration.ts";
import { frames, loudness } from "../../../support/frames-of-speech.ts";

/** What a watch says after each of the frames: first codes, silent where they are negative. */
function watch(codes: readonly number[]) {
  const watched = createDegenerationWatch();
  return frames(codes).map(({ firstCode, pcm }) => {
    watched.push(firstCode, pcm);
    const { doubtfulFrames, isLost, hasSounded } = watched;
    return { doubtfulFrames, isLost, hasSounded };
  });
}

const speech = Array.from({ length: 40 }, (_, i) => (i * i + 3 * i) % 61);
const silence = (length: number) => Array.from({ length }, (_, i) => -1 - (i % 7) * (i % 5));
const cycle = (period: number, length: number) =>
  Array.from({ length }, (_, i) => 100 + (i % period));
const outcome = (codes: readonly number[]) => watch(codes).at(-1);

describe("silence", () => {
  it.each([
    [15, 0, false],
    [16, 1, false],
    [37, 22, false],
    [38, 23, true],
  ])("of %i frames after speech leaves %i in doubt; lost: %s", (length, doubtfulFrames, isLost) => {
    expect(outcome([...speech, ...silence(length)])).toMatchObject({ doubtfulFrames, isLost });
  });

  it("is forgotten when speech goes on", () => {
    expect(outcome([...silence(30), ...speech])).toEqual({
      doubtfulFrames: 0,
      isLost: false,
      hasSounded: true,
    });
  });

  it("is what stays below -50 dBFS", () => {
    for (const [level, hasSounded] of [
      [-49.9, true],
      [-50.1, false],
    ] as const) {
      const watched = createDegenerationWatch();
      watched.push(0n, loudness(level));
      expect(watched.hasSounded).toBe(hasSounded);
    }
  });
});

describe("a repetition", () => {
  it.each([1, 2, 3, 7, 16])("of %i frames is in doubt after 2 s and lost after 4 s", (period) => {
    const said = watch([...speech, ...cycle(period, 60)]).slice(speech.length);
    // A period repeats from its second time on.
    const firstDoubt = Math.max(26, 2 * period) - 1;
    expect(said.findIndex(({ doubtfulFrames }) => doubtfulFrames > 0)).toBe(firstDoubt);
    expect(said.findIndex(({ isLost }) => isLost)).toBe(49);
    expect(said[48]).toMatchObject({ doubtfulFrames: 24, hasSounded: true });
  });

  it("of more frames, or with one that differs now and then, is speech", () => {
    expect(outcome(cycle(17, 200))).toMatchObject({ doubtfulFrames: 0, isLost: false });
    const broken = cycle(4, 200).map((code, i) => (i % 24 === 23 ? 7 : code));
    expect(watch(broken).every(({ doubtfulFrames }) => doubtfulFrames === 0)).toBe(true);
  });

  it("is forgotten when something else is said", () => {
    expect(outcome([...cycle(3, 49), 5])).toMatchObject({ doubtfulFrames: 0, isLost: false });
  });
});

it("stays lost, whatever is said then", () => {
  const said = watch([...speech, ...silence(38), ...speech]);
  expect(said.at(-1)).toMatchObject({ doubtfulFrames: 23, isLost: true });
});
