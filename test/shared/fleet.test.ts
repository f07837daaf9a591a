import { describe, expect, test } from "vitest";
import { type Fleet, fleetOf, hear, recordOf } from "../../shared/fleet.ts";

const now = 1_790_000_000;
const minutes = (count: number) => now + count * 60;
const cpu = { revision: "cpu-1", released_at: 100, variant: "int8 cpu" };
const gpu = { revision: "gpu-1", released_at: 200, variant: "float16 cuda" };
const newerCpu = { revision: "cpu-2", released_at: 300, variant: "int8 cpu" };

const revisions = (fleet: Fleet | undefined) => fleet?.map(({ revision }) => revision);

/** The fleet after all these have been heard, each so many minutes after the start. */
function heard(...answers: [typeof cpu, number][]): Fleet {
  return answers.reduce<Fleet>((fleet, [made, minute]) => {
    return hear(fleet, made, minutes(minute)) ?? fleet;
  }, []);
}

describe("of two builds without a variant", () => {
  const older = { revision: "old", released_at: 100 };
  const newer = { revision: "new", released_at: 200 };

  test("the newer takes the older one's place, and the older is not let back", () => {
    expect(hear([older], newer, now)).toEqual([newer]);
    expect(hear([newer], older, now)).toBeUndefined();
    expect(hear([older], { ...newer, released_at: 100 }, now)).toBeUndefined();
  });

  test("the one that is known is nothing to be noted", () => {
    const fleet = [newer];
    expect(hear(fleet, newer, minutes(600))).toBe(fleet);
  });
});

describe("a model that another stood in for", () => {
  const itself = { revision: "itself", released_at: 100, variant: "int8 cpu" };
  const sibling = {
    revision: "sibling",
    released_at: 300,
    variant: "float32 cpu",
    stand_in: "qwen3-tts-12hz-0.6b-custom-voice",
  } as const;
  const builtin = { revision: "builtin", released_at: 900, stand_in: "builtin" } as const;

  test("takes its place, whatever their ages and variants, and is not replaced by it", () => {
    expect(hear([sibling], itself, now)).toEqual([itself]);
    expect(hear([itself], sibling, now)).toBeUndefined();
    expect(hear([builtin], sibling, now)).toEqual([sibling]);
    expect(hear([sibling], builtin, now)).toBeUndefined();
  });

  test("is stood in for by the newer build of the other", () => {
    const newer = { ...sibling, revision: "newer", released_at: 400 };
    expect(hear([sibling], newer, now)).toEqual([newer]);
    expect(hear([newer], sibling, now)).toBeUndefined();
  });
});

describe("a fleet of two variants", () => {
  test("keeps both, the newest first", () => {
    expect(revisions(heard([cpu, 0], [gpu, 1]))).toEqual(["gpu-1", "cpu-1"]);
    expect(revisions(heard([gpu, 0], [cpu, 1]))).toEqual(["gpu-1", "cpu-1"]);
  });

  test("has a newer build take the place of its own variant at once, and of no other", () => {
    const fleet = heard([cpu, 0], [gpu, 1], [newerCpu, 2]);
    expect(revisions(fleet)).toEqual(["cpu-2", "gpu-1"]);
    expect(hear(fleet, cpu, minutes(3))).toBeUndefined();
  });

  test("is noted anew every quarter of an hour, not with each answer", () => {
    const fleet = heard([cpu, 0], [gpu, 0]);
    expect(hear(fleet, cpu, minutes(14))).toBe(fleet);
    expect(hear(fleet, cpu, minutes(16))).not.toBe(fleet);
  });

  test("is left by a variant that has not spoken for an hour, until it speaks again", () => {
    const alone = heard([cpu, 0], [gpu, 0], [gpu, 30], [gpu, 61]);
    expect(revisions(alone)).toEqual(["gpu-1"]);
    expect(revisions(hear(alone, cpu, minutes(70)))).toEqual(["gpu-1", "cpu-1"]);
  });

  test("is left by nobody as long as nobody speaks", () => {
    expect(revisions(heard([cpu, 0], [gpu, 0], [newerCpu, 59]))).toEqual(["cpu-2", "gpu-1"]);
  });

  test("has at most four", () => {
    const many = Array.from({ length: 6 }, (_, i): [typeof cpu, number] => [
      { revision: `r${i}`, released_at: 100 + i, variant: `v${i}` },
      i,
    ]);
    expect(revisions(heard(...many))).toEqual(["r5", "r4", "r3", "r2"]);
  });
});

test("a fleet is what its record says, and an edge that knows of one alone reads the newest", () => {
  const fleet = heard([cpu, 0], [gpu, 1]);
  const record = recordOf(fleet);
  expect(record).toMatchObject({ revision: "gpu-1", others: [{ revision: "cpu-1" }] });
  expect(fleetOf(record ?? cpu)).toEqual(fleet);
  expect(recordOf([])).toBeUndefined();
});

test("a record of the builtin engine from before stand-ins were told of gives way to the engine of today", () => {
  const then = fleetOf({ revision: "then", released_at: 1 });
  const today = { revision: "today", released_at: 1_769_040_003, stand_in: "builtin" } as const;
  expect(hear(then, today, now)).toEqual([today]);
});

test("the builtin engine with another default language is kept beside the one with English", () => {
  const english = { revision: "en", released_at: 5, stand_in: "builtin" } as const;
  const german = { ...english, revision: "de", variant: "german" };
  expect(revisions(hear([english], german, now))).toEqual(["de", "en"]);
  expect(hear([english], { ...english, revision: "older", released_at: 4 }, now)).toBeUndefined();
});
