import { describe, expect, it } from "vitest";
import { patchWavSizes, wavHeader, wavHeaderBytes } from "../../shared/wav-header.ts";

const gib = 2 ** 30;

function sizes(file: Uint8Array) {
  const view = new DataView(file.buffer, file.byteOffset);
  return { riff: view.getUint32(4, true), data: view.getUint32(40, true) };
}

function fileWith(sampleBytes: number): Uint8Array {
  const file = new Uint8Array(wavHeaderBytes + sampleBytes);
  file.set(wavHeader(24_000));
  return file;
}

describe("wavHeader", () => {
  it("is the 44 bytes of a mono 16-bit file at 24 kHz with unknown sizes", () => {
    expect(Buffer.from(wavHeader(24_000)).toString("hex")).toBe(
      [
        "52494646ffffffff57415645", // RIFF, unknown, WAVE
        "666d74201000000001000100", // fmt, 16 bytes, PCM, one channel
        "c05d000080bb000002001000", // 24000 Hz, 48000 bytes/s, 2 bytes a sample, 16 bits
        "64617461ffffffff", // data, unknown
      ].join(""),
    );
  });

  it("states the rate and the bytes per second of the rate it is given", () => {
    const view = new DataView(wavHeader(44_100).buffer);
    expect([view.getUint32(24, true), view.getUint32(28, true)]).toEqual([44_100, 88_200]);
  });
});

describe("patchWavSizes", () => {
  it("writes the sizes of a complete file and touches nothing else", () => {
    const file = fileWith(3_840);
    const before = file.slice();
    patchWavSizes(file);
    expect(sizes(file)).toEqual({ riff: 3_876, data: 3_840 });
    before.set(file.subarray(4, 8), 4);
    before.set(file.subarray(40, 44), 40);
    expect(file).toEqual(before);
  });

  it("writes zero samples into a file of a header alone", () => {
    const file = fileWith(0);
    patchWavSizes(file);
    expect(sizes(file)).toEqual({ riff: 36, data: 0 });
  });

  it("works on a view into a larger buffer", () => {
    const buffer = new Uint8Array(200);
    buffer.set(fileWith(100), 30);
    patchWavSizes(buffer.subarray(30, 174));
    expect(sizes(buffer.subarray(30))).toEqual({ riff: 136, data: 100 });
  });

  it("writes the sizes of a longer file into its beginning", () => {
    const start = fileWith(0);
    patchWavSizes(start, 3 * gib);
    expect(sizes(start)).toEqual({ riff: 3 * gib - 8, data: 3 * gib - 44 });
  });

  it("leaves sizes unknown that do not fit into 32 bits", () => {
    const fits = fileWith(0);
    patchWavSizes(fits, 4 * gib - 2);
    expect(sizes(fits)).toEqual({ riff: 4 * gib - 10, data: 4 * gib - 46 });
    const tooLong = fileWith(0);
    patchWavSizes(tooLong, 5 * gib);
    expect(sizes(tooLong)).toEqual({ riff: 0xffff_ffff, data: 0xffff_ffff });
  });

  it.each([
    ["nothing", new Uint8Array(0)],
    ["a header cut short", wavHeader(24_000).subarray(0, 43)],
    ["another kind of file", new Uint8Array(100)],
  ])("refuses %s", (_name, bytes) => {
    expect(() => patchWavSizes(bytes)).toThrow(RangeError);
  });
});
