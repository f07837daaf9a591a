import { describe, expect, test } from "vitest";
import { refund, reserve, type Usage, unused } from "../../../edge/limits/usage.ts";

const dayMs = 24 * 60 * 60 * 1000;
const noon = 20_000 * dayMs + dayMs / 2;

/** Reservations one after the other, each at its time; true where it was allowed. */
function outcomes(
  limits: Parameters<typeof reserve>[2],
  orders: [atMs: number, characters: number][],
) {
  let usage: Usage = unused;
  return orders.map(([atMs, characters]) => {
    const result = reserve(usage, characters, limits, atMs);
    usage = result.usage;
    return result.reservation.exceeded ?? true;
  });
}

describe("characters of a day", () => {
  const limits = { charactersPerDay: 100 };

  test("may be used to the last, and not by one more", () => {
    expect(
      outcomes(limits, [
        [noon, 60],
        [noon, 41],
        [noon, 40],
        [noon, 1],
      ]),
    ).toEqual([true, "characters", true, "characters"]);
  });

  test("are there again at midnight UTC", () => {
    const midnight = 20_001 * dayMs;
    expect(
      outcomes(limits, [
        [noon, 100],
        [midnight - 1, 1],
        [midnight, 100],
      ]),
    ).toEqual([true, "characters", true]);
  });

  test("are not there again because another machine's clock is behind", () => {
    const midnight = 20_001 * dayMs;
    const orders: [number, number][] = [
      [midnight, 100],
      [midnight - 5, 1],
      [midnight, 1],
    ];
    expect(outcomes(limits, orders)).toEqual([true, "characters", "characters"]);
  });

  test("are told with what is left and when it ends", () => {
    const { reservation } = reserve(unused, 30, limits, noon + 1);
    expect(reservation).toEqual({
      exceeded: undefined,
      day: 20_000,
      requests: undefined,
      characters: { limit: 100, remaining: 70, resetSeconds: 12 * 60 * 60 },
    });
  });

  test("that are given back can be used again, on the day they were taken from", () => {
    const { usage, reservation } = reserve(unused, 100, limits, noon);
    const back = refund(usage, 100, reservation.day);
    expect(reserve(back, 100, limits, noon).reservation.exceeded).toBeUndefined();
    const tomorrow = reserve(usage, 100, limits, noon + dayMs).usage;
    expect(refund(tomorrow, 100, reservation.day)).toEqual(tomorrow);
  });

  test("are none left, not fewer, when the limit was lowered", () => {
    const { usage } = reserve(unused, 100, limits, noon);
    const { reservation } = reserve(usage, 1, { charactersPerDay: 50 }, noon);
    expect(reservation.characters?.remaining).toBe(0);
  });
});

describe("requests of a minute", () => {
  const limits = { requestsPerMinute: 2 };

  test("begin with the first one", () => {
    const orders: [number, number][] = [
      [noon, 1],
      [noon + 59_999, 1],
      [noon + 59_999, 1],
      [noon + 60_000, 1],
    ];
    expect(outcomes(limits, orders)).toEqual([true, true, "requests", true]);
  });

  test("are told with the seconds until the minute ends", () => {
    const { usage } = reserve(unused, 1, limits, noon);
    const { reservation } = reserve(usage, 1, limits, noon + 500);
    expect(reservation.requests).toEqual({ limit: 2, remaining: 0, resetSeconds: 60 });
  });

  test("that are refused take no characters, nor the other way round", () => {
    const both = { requestsPerMinute: 1, charactersPerDay: 10 };
    const refused = reserve(unused, 11, both, noon);
    expect(refused.reservation).toMatchObject({
      exceeded: "characters",
      requests: { remaining: 1 },
    });
    const { usage } = reserve(refused.usage, 4, both, noon);
    expect(reserve(usage, 4, both, noon).reservation).toMatchObject({
      exceeded: "requests",
      characters: { remaining: 6 },
    });
  });
});
