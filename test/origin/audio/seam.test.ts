import { expect, it } from "vitest";
import { joinSamples } from "../../../origin/audio/join.ts";
import { createSeam } from "../../../origin/audio/seam.ts";

const sampleRate = 24_000;
const fade = 240;

function pass(pcm: Float32Array, size: number, edges: { fadeIn: boolean; fadeOut: boolean }) {
  const seam = createSeam(sampleRate, edges.fadeIn);
  const parts: Float32Array[] = [];
  for (let at = 0; at < pcm.length; at += size) parts.push(seam.push(pcm.slice(at, at + size)));
  parts.push(seam.finish(edges.fadeOut));
  return joinSamples(parts);
}

const flat = new Float32Array(2000).fill(1);

it.each([1, 7, 240, 241, 1920, 5000])("fades the first and last 10 ms, in chunks of %i", (size) => {
  const faded = pass(flat, size, { fadeIn: true, fadeOut: true });
  expect(faded).toHaveLength(flat.length);
  expect(faded[0]).toBeCloseTo(0.5 / fade, 6);
  expect(faded[fade - 1]).toBeCloseTo(1 - 0.5 / fade, 6);
  expect(faded.subarray(fade, -fade).every((x) => x === 1)).toBe(true);
  expect(faded.at(-1)).toBeCloseTo(0.5 / fade, 6);
  expect(Array.from(faded)).toEqual(Array.from(faded).reverse());
});

it("leaves the ends of the whole as they are", () => {
  expect(pass(flat, 480, { fadeIn: false, fadeOut: false })).toEqual(flat);
});

it("fades what is shorter than a fade from both sides", () => {
  const short = pass(new Float32Array(10).fill(1), 3, { fadeIn: true, fadeOut: true });
  expect(short).toHaveLength(10);
  expect(Math.max(...short)).toBeLessThan(0.01);
});
