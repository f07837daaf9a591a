import { expect, test } from "vitest";
import { noteTrouble, troubledLast } from "../../../edge/origins/troubles.ts";

const [one, two, three] = ["one", "two", "three"].map(
  (name) => new URL(`https://${name}.example/`),
) as [URL, URL, URL];
const all = [one, two, three];

test("an origin in trouble comes last for ten seconds, and then where it was", () => {
  noteTrouble(one, 1000);
  expect(troubledLast(all, 1001)).toEqual([two, three, one]);
  expect(troubledLast(all, 10_999)).toEqual([two, three, one]);
  expect(troubledLast(all, 11_000)).toEqual(all);
});

test("of several in trouble none is left out", () => {
  for (const origin of all) noteTrouble(origin, 50_000);
  expect(troubledLast(all, 50_001)).toEqual(all);
});
