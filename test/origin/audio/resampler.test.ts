import { describe, expect, it } from "vitest";
import { createResampler } from "../../../origin/audio/resampler.ts";
import { chunkings } from "../../support/chunkings.ts";
import { digest } from "../../support/digest.ts";
import { hearTone, loudness } from "../../support/hearing.ts";
import { babble, tone } from "../../support/sounds.ts";
import { passThrough } from "../../support/stages.ts";

const rates = [8_000, 16_000, 22_050, 24_000, 44_100, 48_000];
const pairs = rates.flatMap((from) =>
  rates.filter((to) => to !== from).map((to): [number, number] => [from, to]),
);
const decibels = (ratio: number) => 20 * Math.log10(ratio);

describe("resampler", () => {
  it("hands on the very same samples when the rate stays", async () => {
    const stage = await createResampler(24_000, 24_000);
    const pcm = tone(220, 0.1, 24_000);
    expect(stage.push(pcm)).toBe(pcm);
    expect(stage.finish()).toHaveLength(0);
  });

  it.each(pairs)(
    "from %d to %d Hz keeps a 1 kHz tone: 100 dB clean, in place",
    async (from, to) => {
      const heard = hearTone(
        passThrough(await createResampler(from, to), tone(1_000, 0.5, from)),
        1_000,
        to,
      );
      expect(heard.signalToNoiseDb).toBeGreaterThan(100);
      expect(heard.amplitude).toBeCloseTo(0.5, 4);
      expect(heard.phase).toBeCloseTo(0, 3);
    },
  );

  it.each(pairs)(
    "from %d to %d Hz is flat to 0.9 of the lower band, images 90 dB down",
    async (from, to) => {
      const hertz = 0.9 * (Math.min(from, to) / 2);
      const heard = hearTone(
        passThrough(await createResampler(from, to), tone(hertz, 0.5, from)),
        hertz,
        to,
      );
      expect(Math.abs(decibels(heard.amplitude / 0.5))).toBeLessThan(0.05);
      expect(heard.signalToNoiseDb).toBeGreaterThan(90);
    },
  );

  it.each(pairs.filter(([from, to]) => from > 1.2 * to))(
    "from %d to %d Hz puts what the lower rate cannot hold 90 dB down",
    async (from, to) => {
      const pcm = tone(1.1 * (to / 2), 0.5, from);
      const alias = passThrough(await createResampler(from, to), pcm).slice(0.1 * to, -0.1 * to);
      expect(decibels(loudness(alias) / loudness(pcm))).toBeLessThan(-90);
    },
  );

  it.each(pairs)("from %d to %d Hz leaves a click where it was", async (from, to) => {
    const pcm = new Float32Array(from);
    const at = Math.round(from * 0.4);
    pcm[at] = 1;
    const out = passThrough(await createResampler(from, to), pcm);
    const peak = out.indexOf(Math.max(...out));
    expect(Math.abs(peak - (at * to) / from)).toBeLessThanOrEqual(0.5);
  });

  it.each(pairs)("from %d to %d Hz is round(length · ratio) long", async (from, to) => {
    for (const count of [0, 1, 2, 50, 333, 1_920, 10_007]) {
      const out = passThrough(await createResampler(from, to), babble(count / from, from));
      expect(out).toHaveLength(Math.round((count * to) / from));
    }
  });

  it.each(chunkings())("does not depend on the input coming in %s", async (_name, size) => {
    const pcm = babble(1, 24_000);
    for (const to of [8_000, 44_100, 48_000]) {
      const whole = passThrough(await createResampler(24_000, to), pcm, pcm.length);
      const cut = passThrough(await createResampler(24_000, to), pcm, size);
      expect(digest(cut)).toBe(digest(whole));
    }
  });

  it.each(pairs)(
    "from %d to %d Hz holds back 70 samples of the lower rate at most",
    async (from, to) => {
      const stage = await createResampler(from, to);
      const pcm = babble(0.08, from);
      const heldBack = pcm.length / from - stage.push(pcm).length / to;
      stage.close();
      expect(heldBack * Math.min(from, to)).toBeLessThanOrEqual(70);
    },
  );

  it("takes nothing more once it has finished, and may be closed again", async () => {
    const stage = await createResampler(24_000, 8_000);
    stage.finish();
    stage.close();
    expect(() => stage.push(tone(220, 0.1, 24_000))).toThrow("the resampler is closed");
  });

  it("refuses a rate that is none", async () => {
    await expect(createResampler(24_000, 0)).rejects.toThrow("cannot resample from 24000 to 0 Hz");
  });
});
