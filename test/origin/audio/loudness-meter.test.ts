import { describe, expect, it } from "vitest";
import { kWeighting } from "../../../origin/audio/k-weighting.ts";
import { createLoudnessMeter } from "../../../origin/audio/loudness-meter.ts";
import { sampleRates } from "../../../shared/formats.ts";
import { hasFfmpeg, integratedLoudness, withFfmpeg } from "../../support/ffmpeg.ts";
import { babble, tone } from "../../support/sounds.ts";

function measure(sampleRate: number, ...parts: Float32Array[]) {
  const meter = createLoudnessMeter(sampleRate);
  for (const part of parts) meter.push(part);
  return meter;
}

/** How much the weighting lets through of a tone, in dB. */
function responseDb(sampleRate: number, hertz: number): number {
  const angle = (2 * Math.PI * hertz) / sampleRate;
  const magnitude = (c0: number, c1: number, c2: number) =>
    Math.hypot(
      c0 + c1 * Math.cos(angle) + c2 * Math.cos(2 * angle),
      c1 * Math.sin(angle) + c2 * Math.sin(2 * angle),
    );
  const gains = kWeighting(sampleRate).map(({ b, a }) => magnitude(...b) / magnitude(1, ...a));
  return 20 * Math.log10(gains.reduce((product, gain) => product * gain));
}

describe("the K-weighting", () => {
  it("has at 48 kHz the coefficients of ITU-R BS.1770-4, tables 1 and 2", () => {
    const [shelf, cut] = kWeighting(48_000);
    const close = (values: readonly number[], expected: readonly number[]) => {
      for (const [index, value] of expected.entries()) expect(values[index]).toBeCloseTo(value, 10);
    };
    close(shelf.b, [1.53512485958697, -2.69169618940638, 1.19839281085285]);
    close(shelf.a, [-1.69065929318241, 0.73248077421585]);
    close(cut.b, [1, -2, 1]);
    close(cut.a, [-1.99004745483398, 0.99007225036621]);
  });

  it.each(sampleRates)("lets through at %i Hz what it does at 48 kHz", (sampleRate) => {
    for (const hertz of [25, 50, 100, 500, 1_000, 1_500, 2_000, 3_000]) {
      expect(Math.abs(responseDb(sampleRate, hertz) - responseDb(48_000, hertz))).toBeLessThan(0.3);
    }
  });
});

describe("the integrated loudness", () => {
  it.each(sampleRates)("of a tone of 997 Hz at full scale is -3.01 LUFS at %i Hz", (sampleRate) => {
    const { integrated } = measure(sampleRate, tone(997, 2, sampleRate, 1));
    expect(Math.abs((integrated ?? 0) + 3.01)).toBeLessThan(sampleRate === 8_000 ? 0.25 : 0.1);
  });

  // The tones of EBU Tech 3341, cases 3 and 5; of one channel, which counts half, so 3.01 dB louder.
  it.each([
    [
      [10, -36],
      [60, -23],
      [10, -36],
    ],
    [
      [20, -26],
      [20.1, -20],
      [20, -26],
    ],
    [
      [10, -72],
      [10, -36],
      [60, -23],
      [10, -36],
      [10, -72],
    ],
  ])("is -23 LUFS of %j, seconds and dB", (...parts) => {
    const sounds = parts.map(([seconds = 0, decibels = 0]) =>
      tone(1_000, seconds, 24_000, 10 ** ((decibels + 3.01) / 20)),
    );
    expect(Math.abs((measure(24_000, ...sounds).integrated ?? 0) + 23)).toBeLessThan(0.1);
  });

  it.skipIf(!hasFfmpeg)(withFfmpeg("is what ffmpeg measures, at every rate"), async () => {
    for (const sampleRate of sampleRates) {
      const pcm = babble(6, sampleRate);
      const expected = await integratedLoudness(pcm, sampleRate);
      const measured = measure(sampleRate, pcm).integrated ?? 0;
      expect(Math.abs(measured - expected), `${sampleRate} Hz`).toBeLessThan(0.3);
    }
  });

  it("is not there before 400 ms, nor of what is below -70 LUFS", () => {
    const short = measure(24_000, tone(1_000, 0.39, 24_000));
    expect([short.integrated, short.blocks]).toEqual([null, 0]);
    expect(short.ungated).toBeCloseTo(-9, 0);
    expect(measure(24_000, tone(1_000, 2, 24_000, 1e-4)).integrated).toBeNull();
    expect(measure(24_000, new Float32Array(24_000)).ungated).toBeNull();
  });
});
