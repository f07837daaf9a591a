import { describe, expect, it } from "vitest";
import { createFlacEncoder } from "../../origin/audio/flac.ts";
import { patchFlacSamples } from "../../shared/flac-header.ts";
import { encodeAll } from "../support/encodings.ts";
import { decode, hasFfmpeg, statedSeconds, withFfmpeg } from "../support/ffmpeg.ts";
import { babble } from "../support/sounds.ts";

async function fileOf(samples: number, sampleRate = 24_000): Promise<Uint8Array> {
  return encodeAll(
    await createFlacEncoder({ sampleRate }),
    babble(samples / sampleRate, sampleRate),
  );
}

/** The 64 bits that end in the number: rate, channels, bits per sample, samples. */
function packed(file: Uint8Array): bigint {
  return new DataView(file.buffer, file.byteOffset).getBigUint64(18);
}

describe("patchFlacSamples", () => {
  it.each([0, 1, 0xffff_ffff, 0x1_0000_0000, 0xf_ffff_ffff])(
    "writes %i samples and touches nothing else",
    async (samples) => {
      const file = await fileOf(5000);
      const before = file.slice();
      patchFlacSamples(file, samples);
      expect(packed(file)).toBe((packed(before) & ~0xf_ffff_ffffn) | BigInt(samples));
      before.set(file.subarray(21, 26), 21);
      expect(file).toEqual(before);
    },
  );

  it("writes another number over one, and unknown for one that 36 bits cannot hold", async () => {
    const file = await fileOf(5000);
    const before = packed(file);
    patchFlacSamples(file, 0xf_ffff_ffff);
    patchFlacSamples(file, 2 ** 36);
    expect(packed(file)).toBe(before);
  });

  it("works on a beginning, and on a view into a larger buffer", async () => {
    const buffer = new Uint8Array(100);
    buffer.set((await fileOf(5000)).subarray(0, 42), 30);
    patchFlacSamples(buffer.subarray(30, 72), 77);
    expect(packed(buffer.subarray(30)) & 0xf_ffff_ffffn).toBe(77n);
  });

  it("knows a file of which it is the only metadata", async () => {
    const file = await fileOf(5000);
    file[4] = 0x80;
    patchFlacSamples(file, 77);
    expect(packed(file) & 0xf_ffff_ffffn).toBe(77n);
  });

  it.each([
    ["nothing", () => new Uint8Array(0)],
    ["a header cut short", (file: Uint8Array) => file.subarray(0, 41)],
    ["another kind of file", () => new Uint8Array(100)],
    ["another block in its place", (file: Uint8Array) => file.fill(4, 4, 5)],
  ])("refuses %s", async (_name, change) => {
    const file = change(await fileOf(5000));
    expect(() => patchFlacSamples(file, 5000)).toThrow(RangeError);
  });

  it.skipIf(!hasFfmpeg)(withFfmpeg("lets a player say how long a file is"), async () => {
    const samples = 3 * 22_050 + 1;
    const file = await fileOf(samples, 22_050);
    expect(await statedSeconds(file)).toBeUndefined();
    patchFlacSamples(file, samples);
    expect(await statedSeconds(file)).toBeCloseTo(samples / 22_050, 4);
    expect((await decode(file)).pcm).toHaveLength(samples);
  });
});
