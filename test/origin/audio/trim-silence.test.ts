import { describe, expect, it } from "vitest";
import { joinSamples } from "../../../origin/audio/join.ts";
import { createTrimSilence } from "../../../origin/audio/trim-silence.ts";
import { chunkings } from "../../support/chunkings.ts";
import { digest } from "../../support/digest.ts";
import { note, tone } from "../../support/sounds.ts";
import { passThrough } from "../../support/stages.ts";

const sampleRate = 24_000;
const margin = 0.02 * sampleRate;

/** Not quite nothing: a hum at -52 dBFS. */
function silence(seconds: number): Float32Array {
  return tone(50, seconds, sampleRate, 10 ** (-52 / 20));
}

/** Begins and ends with a sample at full scale, so that it is known where it does. */
function word(seconds: number): Float32Array {
  const pcm = note(200, seconds, sampleRate);
  pcm[0] = 1;
  pcm[pcm.length - 1] = -1;
  return pcm;
}

function trim(parts: Float32Array[], size: number | (() => number) = 1920): Float32Array {
  return passThrough(createTrimSilence(sampleRate), joinSamples(parts), size);
}

describe("trimming silence", () => {
  it("keeps 20 ms on either side of the speech, and the speech sample for sample", () => {
    const [before, speech, after] = [silence(0.5), word(0.7), silence(1.5)];
    const kept = joinSamples([before.subarray(-margin), speech, after.subarray(0, margin)]);
    expect(digest(trim([before, speech, after]))).toBe(digest(kept));
  });

  it.each([0, 0.005, 0.02])("adds nothing where there are only %d s of silence", (seconds) => {
    const pcm = joinSamples([silence(seconds), word(0.1), silence(seconds)]);
    expect(digest(trim([pcm]))).toBe(digest(pcm));
  });

  it.each([0.3, 2.5, 5])("leaves a pause of %d s as it is", (seconds) => {
    const pcm = joinSamples([word(0.2), silence(seconds), word(0.2)]);
    expect(digest(trim([pcm]))).toBe(digest(pcm));
  });

  it("takes what is just above -50 dBFS for sound", () => {
    const murmur = tone(300, 0.2, sampleRate, 10 ** (-49 / 20));
    const { length } = trim([silence(0.5), murmur, silence(0.5)]);
    expect(length / sampleRate).toBeGreaterThan(0.2 + 0.04 - 0.004);
    expect(length / sampleRate).toBeLessThanOrEqual(0.2 + 0.04);
  });

  it("leaves nothing of silence alone, however long", () => {
    expect(trim([silence(10)])).toHaveLength(0);
    expect(trim([])).toHaveLength(0);
  });

  it("cuts two seconds from the end of a silence that is longer", () => {
    const { length } = trim([word(0.2), silence(5)]);
    expect(length).toBe(3.2 * sampleRate);
  });

  it("never keeps a listener waiting for more than two seconds of a pause", () => {
    const stage = createTrimSilence(sampleRate);
    let [received, sent] = [0, 0];
    for (const pcm of [word(0.2), ...Array.from({ length: 60 }, () => silence(0.08))]) {
      received += pcm.length;
      sent += stage.push(pcm).length;
      expect(received - sent).toBeLessThanOrEqual(2 * sampleRate);
    }
    expect(received - sent).toBe(2 * sampleRate);
  });

  it("holds nothing back while there is speech", () => {
    const stage = createTrimSilence(sampleRate);
    for (let i = 0; i < 10; i++) expect(stage.push(word(0.08))).toHaveLength(0.08 * sampleRate);
  });

  it.each(chunkings())("does not depend on the input coming in %s", (_name, size) => {
    const parts = [silence(0.4), word(0.2), silence(2.2), word(0.1), silence(2.6)];
    const whole = trim(parts, Number.POSITIVE_INFINITY);
    expect(whole.length).toBe(3.1 * sampleRate + margin);
    expect(digest(trim(parts, size))).toBe(digest(whole));
  });

  it("does not mind that its input is written over afterwards", () => {
    const stage = createTrimSilence(sampleRate);
    const chunk = word(0.08);
    const expected = joinSamples([chunk, silence(0.08), word(0.08)]);
    const parts = [];
    for (const pcm of [word(0.08), silence(0.08), word(0.08)]) {
      chunk.set(pcm);
      parts.push(stage.push(chunk).slice());
    }
    expect(digest(joinSamples(parts))).toBe(digest(expected));
  });
});
