import { expect, it } from "vitest";
import { joinSamples } from "../../../origin/audio/join.ts";
import { createMatchLevel } from "../../../origin/audio/match-level.ts";

const sampleRate = 24_000;

/** Three seconds of speech-like sound: so loud for a second, twice as loud from then on, with silence in between. */
function sound(amplitude: number): Float32Array {
  return Float32Array.from({ length: 3 * sampleRate }, (_, i) => {
    const second = i / sampleRate;
    if (second > 1.2 && second < 1.5) return 0;
    return (second < 1 ? 1 : 2) * amplitude * Math.sin(2 * Math.PI * 200 * second);
  });
}

function pass(pcm: Float32Array, target: number | null, size = 1920): Float32Array {
  const match = createMatchLevel(sampleRate, target);
  const parts: Float32Array[] = [];
  for (let at = 0; at < pcm.length; at += size) parts.push(match.push(pcm.slice(at, at + size)));
  parts.push(match.finish());
  return joinSamples(parts);
}

function levelOf(pcm: Float32Array): number {
  const match = createMatchLevel(sampleRate, null);
  match.push(pcm);
  return match.rms ?? 0;
}

it.each([
  ["as loud", 1, 1],
  ["a little louder", 0.8, 0.8],
  ["a little quieter", 1.25, 1.25],
  ["far louder, by 3 dB", 0.1, Math.SQRT1_2],
  ["far quieter, by 3 dB", 10, Math.SQRT2],
])("brings what begins %s to the level asked for, all of it by one factor", (_, target, factor) => {
  const pcm = sound(0.2);
  const matched = pass(pcm, (0.2 / Math.SQRT2) * target);
  expect(matched).toHaveLength(pcm.length);
  const furthest = matched.reduce(
    (most, sample, i) => Math.max(most, Math.abs(sample - (pcm[i] ?? 0) * factor)),
    0,
  );
  expect(furthest).toBeLessThan(1e-3);
});

it("makes the same of any chunks", () => {
  const whole = pass(sound(0.2), 0.1, 100_000);
  for (const size of [1, 999, 24_000, 24_001]) expect(pass(sound(0.2), 0.1, size)).toEqual(whole);
});

it("passes everything on as it is, at once, where there is nothing to match", () => {
  const pcm = sound(0.2);
  expect(createMatchLevel(sampleRate, null).push(pcm)).toBe(pcm);
  expect(pass(new Float32Array(500), 0.3)).toEqual(new Float32Array(500));
  expect(createMatchLevel(sampleRate, null).rms).toBeNull();
});

it("measures without the silences", () => {
  const tone = sound(0.2).subarray(0, sampleRate);
  expect(levelOf(tone)).toBeCloseTo(0.2 / Math.SQRT2, 3);
  expect(levelOf(joinSamples([tone, new Float32Array(5 * sampleRate)]))).toBeCloseTo(
    levelOf(tone),
    6,
  );
});
