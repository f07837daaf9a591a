import { BufferSource, Input, WEBM } from "mediabunny";
import { describe, expect, it } from "vitest";
import { createWebmEncoder } from "../../origin/audio/opus.ts";
import { patchWebmLength, webmBeginning } from "../../shared/webm-header.ts";
import { encodeAll } from "../support/encodings.ts";
import { decode, hasFfmpeg, statedSeconds, withFfmpeg } from "../support/ffmpeg.ts";
import { babble } from "../support/sounds.ts";

const sampleRate = 24_000;

async function fileOf(samples: number): Promise<Uint8Array> {
  return encodeAll(createWebmEncoder({ sampleRate }), babble(samples / sampleRate, sampleRate));
}

async function wholeFileOf(samples: number): Promise<Uint8Array> {
  const file = await fileOf(samples);
  patchWebmLength(file, { bytes: file.byteLength, seconds: samples / sampleRate });
  return file;
}

interface Element {
  id: number;
  size: number;
  data: Buffer;
}

/** Reads what lies side by side, by RFC 8794: an element of unknown size goes on to the end. */
function readElements(bytes: Uint8Array): Element[] {
  const file = Buffer.from(bytes);
  const elements: Element[] = [];
  for (let at = 0; at < file.length; ) {
    const idLength = Math.clz32(file.readUInt8(at)) - 23;
    const id = file.readUIntBE(at, idLength);
    at += idLength;
    const sizeLength = Math.clz32(file.readUInt8(at)) - 23;
    const raw = file.subarray(at, at + sizeLength);
    const isUnknown = raw.every((byte, i) => byte === (i === 0 ? 0x1ff >> sizeLength : 0xff) % 256);
    const size = Number(
      raw.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n) &
        ((1n << BigInt(7 * sizeLength)) - 1n),
    );
    at += sizeLength;
    const length = isUnknown ? file.length - at : size;
    expect(at + length).toBeLessThanOrEqual(file.length);
    elements.push({ id, size: isUnknown ? Infinity : size, data: file.subarray(at, at + length) });
    at += length;
  }
  return elements;
}

const ids = { segment: 0x18538067, info: 0x1549a966, tracks: 0x1654ae6b, cluster: 0x1f43b675 };
const timestamp = 0xe7;
const blockGroup = 0xa0;

describe("a WebM file", () => {
  it("is a header, a Segment, and in it clusters of four packets, each with its size and time", async () => {
    const [header, segment, ...others] = readElements(await fileOf(sampleRate));
    expect(header?.id).toBe(0x1a45dfa3);
    expect(segment).toMatchObject({ id: ids.segment, size: Infinity });
    expect(others).toEqual([]);
    const [info, tracks, ...clusters] = readElements(segment?.data ?? Buffer.of());
    expect([info?.id, tracks?.id]).toEqual([ids.info, ids.tracks]);
    const read = clusters.map(({ id, size, data }) => {
      expect({ id, isSized: Number.isFinite(size) }).toEqual({ id: ids.cluster, isSized: true });
      const [time, ...blocks] = readElements(data);
      expect(time?.id).toBe(timestamp);
      return { ms: time?.data.readUIntBE(0, time.size), blocks };
    });
    expect(read.map(({ blocks }) => blocks.length)).toEqual([3, ...Array(12).fill(4)]);
    expect(read.map(({ ms }) => ms)).toEqual([
      0,
      ...Array.from({ length: 12 }, (_, i) => 60 + 80 * i),
    ]);
    const last = read.at(-1)?.blocks.at(-1);
    expect(last?.id).toBe(blockGroup);
    const padding =
      readElements(last?.data ?? Buffer.of())
        .at(-1)
        ?.data.readInt32BE(0) ?? 0;
    // What the packets have, less what is dropped first, less the sound.
    expect(padding).toBe(51 * 20_000_000 - 6_500_000 - 1_000_000_000);
  });

  it("is read by another demuxer, packet for packet", async () => {
    const source = new BufferSource(await wholeFileOf(sampleRate));
    const input = new Input({ source, formats: [WEBM] });
    const track = await input.getPrimaryAudioTrack();
    expect(track).toMatchObject({ codec: "opus", numberOfChannels: 1, sampleRate: 48_000 });
    expect(await track?.getCodecParameterString()).toBe("opus");
    expect((await track?.computePacketStats())?.packetCount).toBe(51);
  });
});

describe("patchWebmLength", () => {
  it.each([1, 5000, 70_000])(
    "says how long a file of %i samples is, and touches nothing else",
    async (samples) => {
      const [streamed, whole] = [await fileOf(samples), await wholeFileOf(samples)];
      const [header, segment, ...others] = readElements(whole);
      expect(others).toEqual([]);
      expect(segment?.size).toBe(segment?.data.byteLength);
      expect(header?.data).toEqual(readElements(streamed)[0]?.data);
      const [info] = readElements(segment?.data ?? Buffer.of());
      const duration = readElements(info?.data ?? Buffer.of()).find(({ id }) => id === 0x4489);
      expect(duration?.data.readDoubleBE(0)).toBeCloseTo((1000 * samples) / sampleRate, 6);
      const after = webmBeginning().byteLength;
      expect(whole.subarray(after)).toEqual(streamed.subarray(after));
    },
  );

  it("writes another length over one, also into a beginning alone", async () => {
    const file = await wholeFileOf(5000);
    const beginning = (await fileOf(5000)).subarray(0, webmBeginning().byteLength);
    patchWebmLength(beginning, { bytes: 123, seconds: 7 });
    patchWebmLength(beginning, { bytes: file.byteLength, seconds: 5000 / sampleRate });
    expect(beginning).toEqual(file.subarray(0, beginning.byteLength));
  });

  it.each([
    ["nothing", (file: Uint8Array) => file.subarray(0, 0)],
    [
      "a beginning cut short",
      (file: Uint8Array) => file.subarray(0, webmBeginning().byteLength - 1),
    ],
    ["another kind of file", () => new Uint8Array(200)],
    ["a file cut within its length", (file: Uint8Array) => file.subarray(0, 60)],
  ])("refuses %s", async (_name, change) => {
    const file = change(await fileOf(5000));
    expect(() => patchWebmLength(file, { bytes: 5000, seconds: 1 })).toThrow(RangeError);
  });

  it.skipIf(!hasFfmpeg)(withFfmpeg("lets a player say how long a file is"), async () => {
    const samples = 3 * sampleRate + 1;
    expect(await statedSeconds(await fileOf(samples))).toBeUndefined();
    const whole = await wholeFileOf(samples);
    expect(await statedSeconds(whole)).toBeCloseTo(samples / sampleRate, 4);
    expect((await decode(whole)).pcm).toHaveLength(2 * samples);
  });
});
