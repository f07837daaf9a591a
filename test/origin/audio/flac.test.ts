import { describe, expect, it } from "vitest";
import { createFlacEncoder } from "../../../origin/audio/flac.ts";
import { toInt16 } from "../../../origin/audio/int16.ts";
import { digest } from "../../support/digest.ts";
import { encodeAll } from "../../support/encodings.ts";
import { decode, hasFfmpeg, withFfmpeg } from "../../support/ffmpeg.ts";
import { createRandom } from "../../support/random.ts";
import { babble } from "../../support/sounds.ts";

/** The marker, then the STREAMINFO block: a header of 4 bytes, then the block sizes, rate, channels and bits. */
function readStreamInfo(file: Uint8Array) {
  const bytes = Buffer.from(file);
  const packed = bytes.readUInt32BE(18);
  return {
    marker: bytes.toString("latin1", 0, 4),
    minBlock: bytes.readUInt16BE(8),
    maxBlock: bytes.readUInt16BE(10),
    sampleRate: packed >>> 12,
    channels: ((packed >>> 9) & 7) + 1,
    bitsPerSample: ((packed >>> 4) & 31) + 1,
  };
}

describe("flac", () => {
  it("states mono, 16 bits, the rate and blocks of 1152 samples", async () => {
    const encoder = await createFlacEncoder({ sampleRate: 22_050 });
    expect(readStreamInfo(await encodeAll(encoder, babble(0.2, 22_050)))).toEqual({
      marker: "fLaC",
      minBlock: 1152,
      maxBlock: 1152,
      sampleRate: 22_050,
      channels: 1,
      bitsPerSample: 16,
    });
  });

  it("keeps its header until there is sound", async () => {
    const encoder = await createFlacEncoder({ sampleRate: 24_000 });
    expect(await encoder.encode(babble(1152 / 24_000, 24_000))).toHaveLength(0);
    expect(readStreamInfo(await encoder.encode(new Float32Array(1))).marker).toBe("fLaC");
    encoder.close();
  });

  it.skipIf(!hasFfmpeg)(withFfmpeg("gives every sample back, noise and silence too"), async () => {
    const random = createRandom(11);
    const noise = new Float32Array(10_000).map(() => 2 * random() - 1);
    for (const pcm of [noise, new Float32Array(10_000), babble(1, 24_000)]) {
      const encoder = await createFlacEncoder({ sampleRate: 24_000 });
      const decoded = await decode(await encodeAll(encoder, pcm));
      expect(digest(toInt16(decoded.pcm))).toBe(digest(toInt16(pcm)));
    }
  });

  it("takes nothing more once it has finished, and may be closed again", async () => {
    const encoder = await createFlacEncoder({ sampleRate: 24_000 });
    await encoder.finish();
    encoder.close();
    expect(() => encoder.encode(babble(0.1, 24_000))).toThrow("the FLAC encoder is closed");
    expect(() => encoder.finish()).toThrow("the FLAC encoder is closed");
  });

  it.each([0, 700_000])("refuses %d Hz, which FLAC cannot state", async (sampleRate) => {
    await expect(createFlacEncoder({ sampleRate })).rejects.toThrow(`${sampleRate} Hz`);
  });
});
