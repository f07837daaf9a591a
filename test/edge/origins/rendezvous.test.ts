import { expect, test } from "vitest";
import { rendezvous } from "../../../edge/origins/rendezvous.ts";
import { digest } from "../../support/digest.ts";

const origins = ["a", "b", "c", "d"].map((name) => new URL(`https://${name}.example/`));
const keys = Array.from({ length: 2000 }, (_, index) => digest(Buffer.from(String(index))));

const firstsAmong = async (some: readonly URL[]) =>
  Promise.all(keys.map(async (key) => (await rendezvous(key, some))[0]));

test("orders all origins, whatever order they are given in", async () => {
  for (const key of keys.slice(0, 50)) {
    const order = await rendezvous(key, origins);
    expect(new Set(order)).toEqual(new Set(origins));
    expect(await rendezvous(key, origins.toReversed())).toEqual(order);
  }
});

test("gives each origin an equal share of keys", async () => {
  const firsts = await firstsAmong(origins);
  for (const origin of origins) {
    const share = firsts.filter((first) => first === origin).length / keys.length;
    // Four standard deviations of a fair choice.
    expect(Math.abs(share - 0.25)).toBeLessThan(4 * Math.sqrt((0.25 * 0.75) / keys.length));
  }
});

test("moves only the keys of an origin that is taken away, and spreads them", async () => {
  const [gone, ...left] = origins;
  const [before, after] = await Promise.all([firstsAmong(origins), firstsAmong(left)]);
  const moved = keys.map((_, i) => i).filter((i) => before[i] !== after[i]);
  expect(moved.every((i) => before[i] === gone)).toBe(true);
  expect(new Set(moved.map((i) => after[i]))).toEqual(new Set(left));
});
