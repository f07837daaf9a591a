import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createThroughput } from "../../../origin/engine/throughput.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("is what comes while somebody waits, over the time waited, by how many there are or by the nearest", async () => {
  let underWay = 1;
  const throughput = createThroughput(() => underWay);
  async function wait(milliseconds: number, samples: number): Promise<void> {
    const waiting = throughput.waitFor(Promise.resolve());
    vi.advanceTimersByTime(milliseconds);
    throughput.heard(samples);
    await waiting;
  }

  await wait(600, 8000);
  throughput.heard(1e9);
  vi.advanceTimersByTime(200);
  expect(throughput.with(1)).toBeUndefined();
  await wait(600, 16_000);
  expect(throughput.with(1)).toBe(24_000 / 1.2);
  expect(throughput.with(2)).toBe(20_000);
  expect(throughput.with(64)).toBe(20_000);

  underWay = 3;
  await wait(1100, 48_000);
  expect(throughput.with(3)).toBeCloseTo(48_000 / 1.1);
  expect(throughput.with(2)).toBe(throughput.with(3));
  expect(throughput.with(1)).toBe(20_000);
  expect(throughput.with(64)).toBe(throughput.with(3));
});
