import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createEncoder } from "../../origin/audio/encoders.ts";
import { createTempo } from "../../origin/audio/tempo.ts";
import type { AudioFormat } from "../../shared/formats.ts";
import { decodeAs, encodeAll, encodeAs, traits } from "../support/encodings.ts";
import { decode, hasFfmpeg, withFfmpeg } from "../support/ffmpeg.ts";
import { runs } from "../support/fuzz.ts";
import { createRandom } from "../support/random.ts";

const sampleRate = 24_000;
const formats = (Object.keys(traits) as AudioFormat[]).filter((format) => format !== "ogg");

const extremes = [Infinity, -Infinity, 3.4e38, -1, 1, -0, 1e-45];

/** Noise of any loudness, silence too, with some extreme samples in it. */
const sound = fc
  .record({
    length: fc.integer({ min: 1, max: 9_000 }),
    seed: fc.nat(),
    amplitude: fc.constantFrom(0, 1e-40, 1e-3, 0.5, 1, 50, 1e30),
    specks: fc.array(fc.tuple(fc.nat(), fc.constantFrom(...extremes)), { maxLength: 20 }),
  })
  .map(({ length, seed, amplitude, specks }) => {
    const random = createRandom(seed);
    const pcm = new Float32Array(length).map(() => amplitude * (2 * random() - 1));
    for (const [at, value] of specks) pcm[at % length] = value;
    return pcm;
  });

/** Lengths of chunks, over and over: some of them empty, not all. */
const chunkLengths = fc
  .array(fc.oneof(fc.nat(20), fc.nat(5_000)), { minLength: 1, maxLength: 6 })
  .filter((lengths) => lengths.reduce((sum, length) => sum + length) > lengths.length * 10);

function inTurn(lengths: readonly number[]): () => number {
  let turn = 0;
  return () => lengths[turn++ % lengths.length] ?? 0;
}

describe.each(formats)("%s", (format) => {
  it("makes the same bytes of any sound in any chunks", async () => {
    await fc.assert(
      fc.asyncProperty(sound, chunkLengths, async (pcm, lengths) => {
        const whole = Buffer.from(await encodeAs(format, pcm, pcm.length));
        expect(whole.equals(await encodeAs(format, pcm, inTurn(lengths)))).toBe(true);
      }),
      runs(format === "aac" ? 2 : 8),
    );
  });

  it.skipIf(!hasFfmpeg)(withFfmpeg("makes a file of the right length of any sound"), async () => {
    const { delaySamples, tailSamples, decodedRate = sampleRate } = traits[format];
    await fc.assert(
      fc.asyncProperty(sound, async (samples) => {
        const bytes = await encodeAs(format, samples);
        // ffmpeg does not always recognise ADTS by two frames of it.
        const { pcm } = await (format === "aac"
          ? decode(bytes, ["-f", "aac"])
          : decodeAs(format, bytes));
        const extra = pcm.length - (samples.length * decodedRate) / sampleRate;
        expect(extra).toBeGreaterThanOrEqual(delaySamples);
        expect(extra).toBeLessThanOrEqual(delaySamples + tailSamples);
      }),
      runs(3),
    );
  });

  it("refuses sound with a sample that is not a number, and serves the next", async () => {
    await fc.assert(
      fc.asyncProperty(sound, fc.nat(), async (pcm, at) => {
        const before = Buffer.from(await encodeAs(format, pcm));
        const broken = pcm.slice();
        broken[at % pcm.length] = Number.NaN;

        const encoder = await createEncoder(format, { sampleRate });
        await expect(encodeAll(encoder, broken, 1_000)).rejects.toThrow(RangeError);
        encoder.close();

        expect(before.equals(await encodeAs(format, pcm))).toBe(true);
      }),
      runs(format === "aac" ? 1 : 5),
    );
  });
});

it("a change of speed refuses a sample that is not a number", async () => {
  const tempo = await createTempo(1.5, sampleRate);
  expect(() => tempo.push(new Float32Array(2_400).fill(Number.NaN))).toThrow(RangeError);
  tempo.close();
});
