import { describe, expect, it } from "vitest";
import { createTempo } from "../../../origin/audio/tempo.ts";
import { chunkings } from "../../support/chunkings.ts";
import { digest } from "../../support/digest.ts";
import { hearPitch, loudness } from "../../support/hearing.ts";
import { babble, note, tone } from "../../support/sounds.ts";
import { passThrough } from "../../support/stages.ts";

const sampleRate = 24_000;
const speeds = [0.25, 0.3, 0.5, 0.8, 1.01, 1.5, 2, 4];
const fourSeconds = [babble(4, sampleRate), note(90, 4, sampleRate), note(331, 4, sampleRate)];
const notes = [110, 210, 284, 330].map((hertz) => ({ hertz, pcm: note(hertz, 2, sampleRate) }));

describe("tempo", () => {
  it("hands on the very same samples at speed 1", async () => {
    const stage = await createTempo(1, sampleRate);
    const pcm = tone(220, 0.1, sampleRate);
    expect(stage.push(pcm)).toBe(pcm);
    expect(stage.finish()).toHaveLength(0);
  });

  it.each(speeds)("at speed %d is as long as asked, to 20 ms and to 1 percent", async (speed) => {
    for (const pcm of fourSeconds) {
      const spoken = passThrough(await createTempo(speed, sampleRate), pcm);
      const asked = pcm.length / speed;
      expect(Math.abs(spoken.length - asked)).toBeLessThanOrEqual(0.02 * sampleRate);
      expect(Math.abs(spoken.length / asked - 1)).toBeLessThanOrEqual(0.01);
    }
  });

  it.each(speeds)("at speed %d keeps the pitch", async (speed) => {
    const tolerance = speed <= 2.5 ? 0.01 : 0.015;
    for (const { hertz, pcm } of notes) {
      const spoken = passThrough(await createTempo(speed, sampleRate), pcm);
      const heard = hearPitch(spoken.subarray(0, sampleRate / 2), sampleRate);
      expect(Math.abs(heard / hertz - 1)).toBeLessThanOrEqual(tolerance);
    }
  });

  it.each([8_000, 16_000, 22_050, 44_100, 48_000])("works at %d Hz", async (rate) => {
    const spoken = passThrough(await createTempo(1.5, rate), note(210, 3, rate));
    expect(Math.abs(spoken.length / (2 * rate) - 1)).toBeLessThanOrEqual(0.01);
    expect(Math.abs(hearPitch(spoken.subarray(0, rate), rate) / 210 - 1)).toBeLessThanOrEqual(0.01);
  });

  it.each(speeds)("at speed %d has output after the first 80 ms of input", async (speed) => {
    const stage = await createTempo(speed, sampleRate);
    expect(stage.push(babble(0.08, sampleRate)).length).toBeGreaterThan(
      (0.02 * sampleRate) / speed,
    );
    stage.close();
  });

  it.each(chunkings())("does not depend on the input coming in %s", async (_name, size) => {
    const pcm = babble(2, sampleRate);
    for (const speed of [0.25, 0.8, 1.5, 4]) {
      const whole = passThrough(await createTempo(speed, sampleRate), pcm, pcm.length);
      const cut = passThrough(await createTempo(speed, sampleRate), pcm, size);
      expect(digest(cut)).toBe(digest(whole));
    }
  });

  it.each(speeds)("at speed %d says the last word to its end", async (speed) => {
    const pcm = note(200, 1, sampleRate);
    const spoken = passThrough(await createTempo(speed, sampleRate), pcm);
    const last = spoken.subarray(-0.06 * sampleRate, -0.03 * sampleRate);
    expect(loudness(last) / loudness(pcm)).toBeGreaterThan(0.7);
  });

  it("clips what is beyond full scale instead of letting it wrap around", async () => {
    const loud = new Float32Array(sampleRate).fill(1.5);
    const spoken = passThrough(await createTempo(2, sampleRate), loud);
    expect(Math.min(...spoken.subarray(0, 0.4 * sampleRate))).toBeGreaterThan(0.99);
  });

  it.each([0, 1, 239, 240, 241, 1_000])("takes an input of %d samples in all", async (count) => {
    for (const speed of [0.25, 0.5, 1.5, 4]) {
      const spoken = passThrough(
        await createTempo(speed, sampleRate),
        babble(count / sampleRate, sampleRate),
      );
      expect(spoken.length).toBe(Math.round(count / speed));
    }
  });

  it("keeps streams that run at once apart", async () => {
    const [low, high] = [note(110, 1, sampleRate), note(330, 1, sampleRate)];
    const alone = passThrough(await createTempo(1.5, sampleRate), low);
    const [a, b] = [await createTempo(1.5, sampleRate), await createTempo(0.5, sampleRate)];
    const parts = [];
    for (let at = 0; at < low.length; at += 1920) {
      parts.push(...a.push(low.subarray(at, at + 1920)));
      b.push(high.subarray(at, at + 1920));
    }
    b.close();
    expect(digest(new Float32Array([...parts, ...a.finish()]))).toBe(digest(alone));
  });

  it("takes nothing more once it has finished, and may be closed again", async () => {
    const stage = await createTempo(2, sampleRate);
    stage.finish();
    stage.close();
    expect(() => stage.push(tone(220, 0.1, sampleRate))).toThrow("the tempo stage is closed");
  });

  it.each([0.24, 4.01, 0, -1, Number.NaN])("refuses speed %d", async (speed) => {
    await expect(createTempo(speed, sampleRate)).rejects.toThrow(RangeError);
  });
});
