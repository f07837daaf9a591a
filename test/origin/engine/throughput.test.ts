import { setTimeout as delay } from "node:timers/promises";
import { expect, it } from "vitest";
import { createThroughput } from "../../../origin/engine/throughput.ts";

it("is what comes while somebody waits, over the time waited, by how many there are", async () => {
  let underWay = 1;
  const throughput = createThroughput(() => underWay);
  async function wait(milliseconds: number, samples: number): Promise<number> {
    const start = performance.now();
    await throughput.waitFor(delay(milliseconds).then(() => throughput.heard(samples)));
    return (performance.now() - start) / 1000;
  }

  const first = await wait(600, 8000);
  throughput.heard(1e9);
  await delay(200);
  expect(throughput.with(1)).toBeUndefined();
  const second = await wait(600, 16_000);
  const speed = 24_000 / (first + second);
  expect((throughput.with(1) ?? 0) / speed).toBeCloseTo(1, 1);
  expect(throughput.with(2)).toBeUndefined();

  underWay = 3;
  const third = await wait(1100, 48_000);
  expect(((throughput.with(3) ?? 0) * third) / 48_000).toBeCloseTo(1, 1);
  expect(throughput.with(2)).toBe(throughput.with(3));
  expect(throughput.with(4)).toBeUndefined();
});
