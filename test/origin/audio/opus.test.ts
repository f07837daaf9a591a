import { describe, expect, it } from "vitest";
import { createOpusEncoder } from "../../../origin/audio/opus.ts";
import { encodeAll } from "../../support/encodings.ts";
import { babble } from "../../support/sounds.ts";

interface Page {
  flags: number;
  granulePosition: number;
  serialNumber: number;
  sequence: number;
  segments: number[];
  payload: Buffer;
}

/** Reads the pages of an Ogg file by RFC 3533, section 6. */
function readPages(file: Uint8Array): Page[] {
  const bytes = Buffer.from(file);
  const pages: Page[] = [];
  for (let at = 0; at < bytes.length; ) {
    expect(bytes.toString("latin1", at, at + 4)).toBe("OggS");
    const segments = [...bytes.subarray(at + 27, at + 27 + bytes.readUInt8(at + 26))];
    const start = at + 27 + segments.length;
    const end = start + segments.reduce((sum, length) => sum + length, 0);
    pages.push({
      flags: bytes.readUInt8(at + 5),
      granulePosition: Number(bytes.readBigInt64LE(at + 6)),
      serialNumber: bytes.readUInt32LE(at + 14),
      sequence: bytes.readUInt32LE(at + 18),
      segments,
      payload: bytes.subarray(start, end),
    });
    at = end;
  }
  return pages;
}

/** Every segment shorter than 255 bytes ends a packet. */
const countPackets = (page: Page) => page.segments.filter((length) => length < 255).length;

async function encode(seconds: number, sampleRate = 24_000, seed = 1) {
  return encodeAll(createOpusEncoder({ sampleRate }), babble(seconds, sampleRate, seed));
}

describe("opus", () => {
  it.each([8_000, 12_000, 16_000, 24_000, 48_000])(
    "opens with the headers of RFC 7845 at %d Hz: mono, 6.5 ms of pre-skip",
    async (sampleRate) => {
      const [identification, comment] = readPages(await encode(0.1, sampleRate));
      const head = identification?.payload ?? Buffer.alloc(0);
      expect(head).toHaveLength(19);
      expect(head.toString("latin1", 0, 8)).toBe("OpusHead");
      expect({
        version: head.readUInt8(8),
        channels: head.readUInt8(9),
        preSkip: head.readUInt16LE(10),
        inputRate: head.readUInt32LE(12),
        gain: head.readInt16LE(16),
        mapping: head.readUInt8(18),
      }).toEqual({
        version: 1,
        channels: 1,
        preSkip: 312,
        inputRate: sampleRate,
        gain: 0,
        mapping: 0,
      });
      expect(comment?.payload.toString("latin1")).toBe("OpusTags\x07\0\0\0libopus\0\0\0\0");
    },
  );

  it("releases the headers together with the first page of sound", async () => {
    const encoder = createOpusEncoder({ sampleRate: 24_000 });
    expect(await encoder.encode(new Float32Array(3 * 480 - 1))).toHaveLength(0);
    const pages = readPages(await encoder.encode(new Float32Array(1)));
    encoder.close();
    expect(pages.map(countPackets)).toEqual([1, 1, 3]);
  });

  it("numbers and flags its pages, and ends on the last sample", async () => {
    const pages = readPages(await encode(0.5));
    expect(pages.map((page) => page.sequence)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(pages.map((page) => page.flags)).toEqual([2, 0, 0, 0, 0, 0, 0, 0, 4]);
    expect(pages.map(countPackets)).toEqual([1, 1, 3, 4, 4, 4, 4, 4, 3]);
    expect(pages.map((page) => page.granulePosition / 960)).toEqual([
      0,
      0,
      3,
      7,
      11,
      15,
      19,
      23,
      (312 + 24_000) / 960,
    ]);
  });

  it("numbers the stream by its sound, so that two files can be chained", async () => {
    const serialNumbers = async (seed: number) =>
      new Set(readPages(await encode(0.2, 24_000, seed)).map((page) => page.serialNumber));
    const [one, same, other] = [
      await serialNumbers(1),
      await serialNumbers(1),
      await serialNumbers(2),
    ];
    expect(one.size).toBe(1);
    expect(same).toEqual(one);
    expect(other).not.toEqual(one);
  });

  it("takes nothing more once it has finished, and may be closed again", async () => {
    const encoder = createOpusEncoder({ sampleRate: 24_000 });
    await encoder.finish();
    encoder.close();
    expect(() => encoder.encode(babble(0.1, 24_000))).toThrow("the Opus encoder is closed");
    expect(() => encoder.finish()).toThrow("the Opus encoder is closed");
  });

  it.each([22_050, 44_100, 0])("refuses %d Hz, which Opus does not have", (sampleRate) => {
    expect(() => createOpusEncoder({ sampleRate })).toThrow(`Opus has no ${sampleRate} Hz`);
  });
});
