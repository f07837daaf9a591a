import { describe, expect, it } from "vitest";
import { createEncoder } from "../../../origin/audio/encoders.ts";
import { factsOf, formatNames } from "../../../shared/formats.ts";
import { encodeAll } from "../../support/encodings.ts";
import { babble } from "../../support/sounds.ts";

/** ISO/IEC 13818-3 and 11172-3, layer III, in kbit/s by the index in the header, which begins with 1. */
const mpeg2Kilobits = [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
const mpeg1Kilobits = [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];

/** Of MPEG-1; MPEG-2 has half, MPEG-2.5 a quarter. */
const mpegRates = [44_100, 48_000, 32_000];
/** ISO/IEC 14496-3, table 1.18. */
const aacRates = [
  96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000,
];

/** What a file says of itself in its first bytes. */
const headers: Record<string, (file: DataView) => { sampleRate: number; bitrate?: number }> = {
  mp3(file) {
    const version = (file.getUint8(1) >> 3) & 3;
    const kilobits = (version === 3 ? mpeg1Kilobits : mpeg2Kilobits)[(file.getUint8(2) >> 4) - 1];
    const rate = mpegRates[(file.getUint8(2) >> 2) & 3] ?? 0;
    const parts = { 3: 1, 2: 2, 0: 4 }[version] ?? 0;
    return { sampleRate: rate / parts, bitrate: (kilobits ?? 0) * 1000 };
  },
  aac: (file) => ({ sampleRate: aacRates[(file.getUint8(2) >> 2) & 15] ?? 0 }),
  wav: (file) => ({ sampleRate: file.getUint32(24, true) }),
  flac: (file) => ({ sampleRate: file.getUint32(18) >> 12 }),
  opus: (file) => ({ sampleRate: file.getUint32(28 + 12, true) }),
  ogg: (file) => ({ sampleRate: file.getUint32(28 + 12, true) }),
};

describe.each(formatNames)("%s", (format) => {
  const { sampleRates, bitrate } = factsOf(format);

  it.each(sampleRates)("has every bitrate that can be asked for at %i Hz", async (sampleRate) => {
    const range = bitrate?.allowed(sampleRate);
    const asked = range ? (range.steps ?? [range.min, range.max]) : [null];
    const sizes = [];
    for (const bitrate of asked) {
      const encoder = await createEncoder(format, { sampleRate, bitrate });
      const file = await encodeAll(encoder, babble(0.3, sampleRate));
      const facts = headers[format]?.(new DataView(file.buffer));
      const expected = { sampleRate, ...(format === "mp3" ? { bitrate } : {}) };
      if (facts) expect(facts, `${bitrate} bit/s`).toEqual(expected);
      sizes.push(file.byteLength);
    }
    expect(sizes).toEqual(sizes.toSorted((a, b) => a - b));
    expect(new Set(sizes).size).toBe(sizes.length);
  });
});
