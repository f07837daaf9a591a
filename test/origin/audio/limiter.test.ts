import { describe, expect, it } from "vitest";
import { joinSamples } from "../../../origin/audio/join.ts";
import { ceiling, createLimiter } from "../../../origin/audio/limiter.ts";
import { createResampler } from "../../../origin/audio/resampler.ts";
import { sampleRates } from "../../../shared/formats.ts";
import { chunkings } from "../../support/chunkings.ts";
import { hearTone, loudness } from "../../support/hearing.ts";
import { createRandom } from "../../support/random.ts";
import { babble, tone } from "../../support/sounds.ts";
import { passThrough } from "../../support/stages.ts";

const sampleRate = 24_000;

const limit = (pcm: Float32Array, rate = sampleRate, size?: number | (() => number)) =>
  passThrough(createLimiter(rate), pcm, size);

const louder = (pcm: Float32Array, by: number) => pcm.map((sample) => sample * by);

function peakOf(pcm: Float32Array): number {
  return pcm.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0);
}

it("passes what is below the ceiling on, sample for sample", () => {
  for (const length of [0, 1, 100, 24_000]) {
    const pcm = babble(length / sampleRate, sampleRate);
    expect(peakOf(pcm)).toBeLessThan(0.8);
    expect(limit(pcm)).toEqual(pcm);
  }
});

it("becomes transparent again after something loud", () => {
  const quiet = tone(300, 1, sampleRate, 0.5);
  const out = limit(joinSamples([tone(300, 0.1, sampleRate, 3), quiet]));
  expect(out.subarray(-sampleRate / 4)).toEqual(quiet.subarray(-sampleRate / 4));
});

it.each(chunkings())("does the same when its input comes in %s", (_name, size) => {
  const pcm = louder(babble(1, sampleRate), 3);
  expect(limit(pcm, sampleRate, size)).toEqual(limit(pcm, sampleRate, pcm.length));
});

describe.each(sampleRates)("at %i Hz", (rate) => {
  it("lets nothing above -1 dBFS, nor between the samples by more than 0.2 dB", async () => {
    const random = createRandom(5);
    const noise = new Float32Array(rate).map(() => 6 * (random() - 0.5));
    const clicks = new Float32Array(rate).map((_, i) => (i % 997 === 0 ? 4 : 0));
    for (const pcm of [louder(babble(1, rate), 8), noise, clicks]) {
      const out = limit(pcm, rate);
      expect(out.length).toBe(pcm.length);
      expect(peakOf(out)).toBeLessThanOrEqual(Math.fround(ceiling));
      // What is near half the rate has no certain course.
      if (pcm === noise) continue;
      const between = passThrough(await createResampler(rate, 4 * rate), out);
      expect(20 * Math.log10(peakOf(between) / ceiling)).toBeLessThan(0.2);
    }
  });
});

it.each([100, 220, 997, 3_500])(
  "takes a tone of %i Hz down by 6 dB without bending it",
  (hertz) => {
    const out = limit(tone(hertz, 1, sampleRate, 2 * ceiling));
    const { amplitude, signalToNoiseDb } = hearTone(out, hertz, sampleRate);
    expect(20 * Math.log10(amplitude / ceiling)).toBeGreaterThan(-0.2);
    // 0.1 percent.
    expect(signalToNoiseDb).toBeGreaterThan(60);
  },
);

it("changes its gain without a click", () => {
  const parts = [0.4, 2, 0.4, 1.2, 0.4].map((level) => new Float32Array(6_000).fill(level));
  const pcm = joinSamples(parts);
  const gains = limit(pcm).map((sample, index) => sample / (pcm[index] ?? 1));
  let largest = 0;
  for (let i = 1; i < gains.length; i++)
    largest = Math.max(largest, Math.abs((gains[i] ?? 0) - (gains[i - 1] ?? 0)));
  expect(Math.min(...gains)).toBeLessThan(0.45);
  expect(largest).toBeLessThan(0.02);
  // It lets go slowly: not yet 20 ms after what was loud, all but after 250 ms.
  expect(gains[12_000 + 0.02 * sampleRate]).toBeLessThan(0.75);
  expect(gains.at(-1)).toBeGreaterThan(0.99);

  // A click is heard at all frequencies: of a low tone that becomes three times as loud, nothing is heard on high.
  const swell = tone(200, 1, sampleRate, 1).map((sample, i) => sample * (i < 12_000 ? 0.5 : 1.5));
  expect(20 * Math.log10(loudness(highPassed(limit(swell))) / loudness(swell))).toBeLessThan(-60);
});

it("says nothing of a sample that is not a number but that", () => {
  const pcm = tone(200, 0.1, sampleRate);
  pcm[100] = Number.NaN;
  expect(limit(pcm).some(Number.isNaN)).toBe(true);
});

/** What sounds far above 200 Hz: differences of the fourth order, which are of 0 dB near half the rate. */
function highPassed(pcm: Float32Array): Float32Array {
  let passed = pcm;
  for (let order = 0; order < 4; order++)
    passed = passed.map((sample, i) => (i === 0 ? 0 : (sample - (passed[i - 1] ?? 0)) / 2));
  return passed;
}
