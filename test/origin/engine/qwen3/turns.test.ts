import { describe, expect, it } from "vitest";
import { type Candidate, createTurns } from "../../../../origin/engine/qwen3/turns.ts";
import { createRandom } from "../../../support/random.ts";
import { type Costs, type Listener, simulate } from "../../../support/simulated-engine.ts";

const limits = { rows: 16, frames: 8 };

/** A fast machine, and one whose batches and prompts are dearer: 28 and 14 listeners at once, as far as prompts allow. */
const machines: Record<string, Costs> = {
  fast: { prompt: 0.02, frame: 0.01, row: 0.0003, codec: 0.0002 },
  slow: { prompt: 0.04, frame: 0.02, row: 0.001, codec: 0.0005 },
};

/** Listeners of that length who come in a second when the engine does nothing but speak to full steps. */
function capacity({ prompt, frame, row, codec }: Costs, frames: number): number {
  const perFrame = (frame + limits.rows * row) / limits.rows + codec;
  return 1 / (prompt + frame + row + frames * perFrame);
}

function comeAndGo(rate: number, meanFrames: number, seed: number): Listener[] {
  const random = createRandom(seed);
  const listeners: Listener[] = [];
  for (let at = 0; at < 100; at += (0.5 + random()) / rate) {
    const frames = Math.round(meanFrames * (0.5 + random()));
    listeners.push({ at, frames, isPaced: random() < 0.5 });
  }
  return listeners;
}

describe.each(Object.entries(machines))(
  "at four fifths of what a %s machine can do",
  (_, costs) => {
    it.each([
      [125, 1],
      [125, 2],
      [250, 3],
    ])(
      "nobody who hears some %i frames is silent for a hundredth of it, or waits long (%i)",
      async (frames, seed) => {
        const listeners = comeAndGo(0.8 * capacity(costs, frames), frames, seed);
        const { heard, busySeconds, seconds } = await simulate(listeners, costs, limits);

        expect(heard.length).toBeGreaterThan(90);
        expect(busySeconds / seconds).toBeGreaterThan(0.8);
        const silences = heard.map((one) => one.silentSeconds / (0.08 * one.frames));
        expect(Math.max(...silences)).toBeLessThan(0.01);
        expect(Math.max(...heard.map(({ stepsWaited }) => stepsWaited))).toBeLessThanOrEqual(2);
      },
    );
  },
);

it("eight streams go on while six short ones a second come, and those do not wait for each other", async () => {
  const running = Array.from({ length: 8 }, (_, index) => ({ at: index / 10, frames: 250 }));
  const newcomers = Array.from({ length: 90 }, (_, index) => ({ at: 2 + index / 6, frames: 13 }));
  const listeners = [...running, ...newcomers].map((one) => ({ ...one, isPaced: true }));
  for (const costs of Object.values(machines)) {
    const { heard, steps } = await simulate(listeners, costs, limits);

    for (const { frames, silentSeconds, stepsWaited } of heard) {
      if (frames === 250) expect(silentSeconds).toBeLessThan(0.01 * 20);
      expect(stepsWaited).toBeLessThanOrEqual(2);
    }
    expect(Math.max(...steps.map(({ rows }) => rows))).toBeGreaterThanOrEqual(8);
  }
});

it("more newcomers than can be spoken to hold up each other, and not those under way", async () => {
  const costs = { prompt: 0.06, frame: 0.02, row: 0.002, codec: 0.001 };
  const running = Array.from({ length: 8 }, (_, index) => ({ at: index / 10, frames: 250 }));
  const crowd = Array.from({ length: 60 }, () => ({ at: 5, frames: 13 }));
  const listeners = [...running, ...crowd].map((one) => ({ ...one, isPaced: true }));
  const { heard } = await simulate(listeners, costs, limits);

  for (const { frames, silentSeconds } of heard) {
    if (frames === 250) expect(silentSeconds).toBeLessThan(0.05 * 20);
  }
});

describe("a turn", () => {
  const speaker = (dryAt: number, missingFrames = 1, isPrompt = false): Candidate => ({
    isPrompt,
    missingFrames,
    dryAt,
    promptPositions: 50,
    expectedFrames: 100,
    secondsPerFrame: 0.08,
    secondsLeft: 6,
    before: null,
  });

  it("is shared by those who run dry first, for as many frames as the first needs", () => {
    const turns = createTurns({ rows: 2, frames: 8 });
    const [late, soon, sooner] = [speaker(11.3, 8), speaker(10.5, 3), speaker(10.4, 5)] as const;

    expect(turns.next([late, soon, sooner], 10)).toEqual({ members: [sooner, soon], frames: 5 });
  });

  it("has all its frames when everybody has enough to play", () => {
    const turns = createTurns({ rows: 4, frames: 8 });
    const both = [speaker(12, 1), speaker(14, 2)];

    expect(turns.next(both, 10)).toEqual({ members: both, frames: 8 });
  });

  it("is left to those in want by those who have more than enough", () => {
    const turns = createTurns({ rows: 4, frames: 8 });
    const [rich, poor, poorer] = [speaker(15), speaker(11), speaker(10.1)] as const;

    expect(turns.next([rich, poor, poorer], 10)?.members).toEqual([poorer, poor]);
    expect(turns.next([rich, poor], 10)?.members).toEqual([poor, rich]);
  });

  it("is a prompt's when nobody runs dry by it, or it was put off before, but not twice in a row", () => {
    const turns = createTurns({ rows: 4, frames: 8 });
    const [easy, dry] = [speaker(20), speaker(10)] as const;
    const [first, second] = [speaker(0, 1, true), speaker(0, 1, true)] as const;

    expect(turns.next([easy, first], 10)).toEqual({ members: [first], frames: 1 });
    expect(turns.next([dry, first, second], 10)?.members).toEqual([dry]);
    expect(turns.next([dry, first, second], 10)?.members).toEqual([first]);
    expect(turns.next([dry, second], 10)?.members).toEqual([dry]);
    expect(turns.next([dry, second], 10)?.members).toEqual([second]);
    expect(turns.next([second], 10)?.members).toEqual([second]);
  });

  it("is shared with what is heard later while there is time, and is its own when there is not", () => {
    const turns = createTurns({ rows: 4, frames: 8 });
    const [hurried, easy] = [speaker(11, 3), speaker(15, 3)] as const;
    const next = (before: Candidate) => ({ ...speaker(before.dryAt), before });

    expect(turns.next([next(hurried), hurried], 10)?.members).toEqual([hurried]);
    const after = next(easy);
    expect(turns.next([after, easy], 10)?.members).toEqual([easy, after]);
    expect(turns.next([after], 10)?.members).toEqual([after]);
    expect(turns.next([next(hurried)], 10)).toBeNull();
  });

  it("is not for the prompt of what is heard later until nobody runs dry by it", () => {
    const turns = createTurns({ rows: 4, frames: 8 });
    const [hurried, easy] = [speaker(10.1, 3), speaker(15, 3)] as const;
    const next = (before: Candidate) => ({ ...speaker(0, 1, true), before });

    for (let turn = 0; turn < 3; turn++) {
      expect(turns.next([next(hurried), hurried], 10)?.members).toEqual([hurried]);
    }
    const prompt = next(easy);
    expect(turns.next([prompt, easy], 10)?.members).toEqual([prompt]);
    expect(turns.next([prompt, easy, hurried], 10)?.members).toEqual([hurried]);
  });

  it("is shared near the end of what is heard by what comes next, where a machine is too slow for it", () => {
    const turns = createTurns({ rows: 4, frames: 8 });
    const ending = { ...speaker(10, 3), secondsLeft: 1 };
    const next = { ...speaker(10), before: ending };

    expect(turns.next([next, ending], 10)?.members).toEqual([ending]);
    turns.took({ members: [ending], frames: 3 }, 0.3);
    expect(turns.next([next, ending], 10)?.members).toEqual([next, ending]);
  });

  it("learns what prompts take, by their length", () => {
    const turns = createTurns({ rows: 4, frames: 8 });
    const running = speaker(11, 1);
    const long = { ...speaker(0, 1, true), promptPositions: 500 };
    const first = turns.next([speaker(0, 1, true)], 10);
    if (first) turns.took(first, 0.2);

    expect(turns.next([running, long], 10)?.members).toEqual([running]);
    expect(turns.next([running, speaker(0, 1, true)], 10)?.members).toEqual([
      expect.objectContaining({ isPrompt: true, promptPositions: 50 }),
    ]);
  });
});
