import { describe, expect, it } from "vitest";
import { joinSamples } from "../../../origin/audio/join.ts";
import { ceiling } from "../../../origin/audio/limiter.ts";
import { createLoudness } from "../../../origin/audio/loudness.ts";
import { createVolume } from "../../../origin/audio/volume.ts";
import { sampleRates } from "../../../shared/formats.ts";
import { chunkings, cut } from "../../support/chunkings.ts";
import { hasFfmpeg, integratedLoudness, withFfmpeg } from "../../support/ffmpeg.ts";
import { loudness } from "../../support/hearing.ts";
import { createRandom } from "../../support/random.ts";
import { babble, tone } from "../../support/sounds.ts";
import { passThrough } from "../../support/stages.ts";

const sampleRate = 24_000;

const bring = (pcm: Float32Array, target: number, rate = sampleRate) =>
  passThrough(createLoudness(rate, target), pcm);

const decibels = (ratio: number) => 20 * Math.log10(ratio);

describe.skipIf(!hasFfmpeg)(withFfmpeg("speech is brought to its target"), () => {
  it.each(sampleRates)("at %i Hz, whatever it was", async (rate) => {
    for (const [level, target] of [
      [0.12, -16],
      [0.3, -23],
      [1, -36],
    ] as const) {
      const pcm = babble(6, rate).map((sample) => sample * level);
      const out = bring(pcm, target, rate);
      expect(out.length).toBe(pcm.length);
      expect(Math.abs((await integratedLoudness(out, rate)) - target)).toBeLessThan(0.5);
    }
  });

  it("with its volume on top of that", async () => {
    const stage = createVolume(sampleRate, { loudness: -26, volume: 4 });
    const out = passThrough(stage, babble(6, sampleRate));
    expect(Math.abs((await integratedLoudness(out, sampleRate)) + 22)).toBeLessThan(0.5);
  });

  it.each([
    ["quieter at first", (second: number) => (second < 2 ? 0.5 : 1)],
    ["louder at first", (second: number) => (second < 2 ? 1 : 0.5)],
    ["softer by 8 dB to its end", (second: number) => 10 ** (-0.4 * (second / 12))],
  ])("within 2 LU when it is %s", async (_how, levelAt) => {
    const pcm = babble(12, sampleRate).map((sample, i) => sample * levelAt(i / sampleRate));
    expect(Math.abs((await integratedLoudness(bring(pcm, -20), sampleRate)) + 20)).toBeLessThan(2);
  });
});

it("moves its gain by no more than 3 dB a second once something has sounded", () => {
  const pcm = joinSamples([
    new Float32Array(7_000),
    babble(3, sampleRate).map((sample) => sample / 8),
    babble(3, sampleRate),
  ]);
  // So low that the limiter has nothing to do.
  const out = bring(pcm, -36);
  const step = sampleRate / 10;
  const gains: number[] = [];
  for (let at = 7_200; at + step <= pcm.length; at += step) {
    const [before, after] = [pcm, out].map((samples) => loudness(samples.subarray(at, at + step)));
    gains.push(decibels((after ?? 0) / (before ?? 1)));
  }
  const changes = gains.slice(1).map((gain, i) => Math.abs(gain - (gains[i] ?? 0)));
  // Twice the step, as what is loudest within one may be at either end.
  expect(Math.max(...changes)).toBeLessThan(0.6);
  expect((gains[0] ?? 0) - (gains.at(-1) ?? 0)).toBeGreaterThan(8);
});

it("holds its gain still for what is steady", () => {
  const pcm = tone(1_000, 3, sampleRate);
  const out = bring(pcm, -20);
  const levels = Array.from({ length: 29 }, (_, step) =>
    decibels(loudness(out.subarray(step * 2_400, (step + 1) * 2_400))),
  );
  expect(Math.max(...levels) - Math.min(...levels)).toBeLessThan(0.05);
});

it("begins with the gain of the speech, not with that of the silence before it", () => {
  const speech = babble(2, sampleRate).map((sample) => sample / 10);
  const out = bring(joinSamples([new Float32Array(12_000), speech]), -20).subarray(12_000);
  const gainOf = (from: number, to: number) =>
    decibels(loudness(out.subarray(from, to)) / loudness(speech.subarray(from, to)));
  expect(gainOf(0, 4_800)).toBeGreaterThan(12);
  expect(Math.abs(gainOf(0, 4_800) - gainOf(36_000, 48_000))).toBeLessThan(4);
});

it("leaves the noise before the speech alone", () => {
  const out = bring(joinSamples([hiss(2), babble(3, sampleRate)]), -9);
  expect(out.subarray(0, 1.4 * sampleRate)).toEqual(hiss(2).subarray(0, 1.4 * sampleRate));
});

it("gives the first sound when half a second has been heard, and all by the end", () => {
  const stage = createLoudness(sampleRate, -20);
  let heard = 0;
  let given = 0;
  for (const chunk of cut(babble(2, sampleRate), 480)) {
    heard += chunk.length;
    given += stage.push(chunk).length;
    expect(heard - given).toBeLessThanOrEqual(0.61 * sampleRate);
    if (heard >= 0.52 * sampleRate) expect(given).toBeGreaterThan(0);
  }
  expect(given + stage.finish().length).toBe(heard);
});

it.each(chunkings())("does the same when its input comes in %s", (_name, size) => {
  const pcm = babble(1.234, sampleRate);
  const whole = passThrough(createLoudness(sampleRate, -12), pcm, pcm.length);
  expect(passThrough(createLoudness(sampleRate, -12), pcm, size)).toEqual(whole);
});

describe("what cannot be brought to it", () => {
  it("is silence, which stays as it is", () => {
    const silence = new Float32Array(30_000);
    expect(bring(silence, -16)).toEqual(silence);
    expect(bring(hiss(1.5), -16)).toEqual(hiss(1.5));
  });

  it("is what would have to be clipped, which is as loud as the ceiling lets it be", () => {
    const out = bring(babble(4, sampleRate), -9 + 12);
    expect(peakOf(out)).toBeLessThanOrEqual(Math.fround(ceiling));
    expect(loudness(out)).toBeGreaterThan(loudness(babble(4, sampleRate)));
  });

  it.each([1, 500, 4_800, 9_000])("is not a sound of %i samples, however short", (length) => {
    const pcm = babble(length / sampleRate, sampleRate);
    const out = bring(pcm, -20);
    expect(out.length).toBe(length);
    expect(out.every(Number.isFinite)).toBe(true);
  });
});

it("is no stage at all where nothing is asked for, and plain arithmetic below the ceiling", () => {
  const pcm = babble(1, sampleRate);
  const nothing = createVolume(sampleRate, { volume: 0, loudness: null });
  expect(nothing.push(pcm)).toBe(pcm);
  const half = passThrough(createVolume(sampleRate, { volume: -6, loudness: null }), pcm);
  expect(half).toEqual(pcm.map((sample) => sample * 10 ** (-6 / 20)));
});

/** As a codec has it between words, at -56 dBFS. */
function hiss(seconds: number): Float32Array {
  const random = createRandom(3);
  return new Float32Array(seconds * sampleRate).map(() => 0.003 * (random() - 0.5));
}

function peakOf(pcm: Float32Array): number {
  return pcm.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0);
}
