import { describe, expect, it } from "vitest";
import { createEncoder } from "../../../origin/audio/encoders.ts";
import { encodeAll } from "../../support/encodings.ts";
import { decode, hasFfmpeg, withFfmpeg } from "../../support/ffmpeg.ts";

const everySample = Float32Array.from({ length: 65_536 }, (_, index) => (index - 32_768) / 32_768);

describe.each(["mulaw", "alaw"] as const)("%s", (format) => {
  const encode = async (pcm: Float32Array) =>
    encodeAll(await createEncoder(format, { sampleRate: 8_000 }), pcm);

  it("is one byte for each sample, at once and with nothing before or after", async () => {
    const encoder = await createEncoder(format, { sampleRate: 8_000 });
    expect(await encoder.encode(everySample.subarray(0, 7))).toHaveLength(7);
    expect(await encoder.finish()).toHaveLength(0);
  });

  describe.skipIf(!hasFfmpeg)(withFfmpeg("as ffmpeg decodes it"), () => {
    const decodeBytes = async (bytes: Uint8Array) =>
      (await decode(bytes, ["-f", format, "-ar", "8000"])).pcm;

    it("has every value that a byte stands for as it was", async () => {
      const values = await decodeBytes(Uint8Array.from({ length: 256 }, (_, byte) => byte));
      expect(new Set(values).size).toBe(format === "mulaw" ? 255 : 256);
      expect(await decodeBytes(await encode(values))).toEqual(values.map((value) => value + 0));
    });

    it("has each of the 65,536 samples of 16 bits as near as the steps there allow", async () => {
      const decoded = await decodeBytes(await encode(everySample));
      const values = [...new Set(decoded)].toSorted((a, b) => a - b);
      expect(values).toHaveLength(format === "mulaw" ? 255 : 256);
      let place = 0;
      // What is beyond the last value has it.
      decoded.forEach((value, index) => {
        // None is louder than another and comes out softer.
        while (values[place] !== value && place < values.length) place++;
        const [below = -Infinity, above = Infinity] = [values[place - 1], values[place + 1]];
        const step = Math.max(value - below, above - value);
        const error = Math.abs(value - (everySample[index] ?? 0));
        if (error > step / 2 + 2 / 32_768) expect.fail(`${everySample[index]} became ${value}`);
      });
      expect(place).toBe(values.length - 1);
    });
  });
});

it("writes the bytes that ITU-T G.711 has for silence and for full scale", async () => {
  const pcm = Float32Array.of(0, 1, -1);
  const bytesOf = async (format: "mulaw" | "alaw") => [
    ...(await encodeAll(await createEncoder(format, { sampleRate: 8_000 }), pcm)),
  ];
  expect(await bytesOf("mulaw")).toEqual([0xff, 0x80, 0x00]);
  expect(await bytesOf("alaw")).toEqual([0xd5, 0xaa, 0x2a]);
});
