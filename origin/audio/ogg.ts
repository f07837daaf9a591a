/**
 * Ogg pages (RFC 3533), as far as Opus needs them: every packet ends on the page it began on.
 *
 * Mediabunny has a muxer, but it draws a random number for each stream, so that no file comes out the same twice, and
 * holds a packet back, so that the first chunk of speech makes no page.
 */

import { joinBytes } from "./join.ts";

const headerBytes = 27;
const fullSegmentBytes = 255;
const beginning = 0x02;
const end = 0x04;

interface OggPage {
  /** Of 255 segments in all at most, a segment being 255 bytes or the rest of a packet. */
  packets: readonly Uint8Array[];
  /** Counts samples from the beginning of the stream to the end of the last packet. */
  granulePosition: number;
  last?: boolean;
}

/** Returns what makes the pages of one stream, in order (RFC 3533, section 6). */
export function createOggStream(serialNumber: number): (page: OggPage) => Uint8Array {
  let sequence = 0;
  return ({ packets, granulePosition, last }) => {
    const segments = packets.flatMap(segmentLengths);
    const page = joinBytes([new Uint8Array(headerBytes), Uint8Array.from(segments), ...packets]);
    const view = new DataView(page.buffer);
    page.set(new TextEncoder().encode("OggS"));
    view.setUint8(5, (sequence === 0 ? beginning : 0) | (last ? end : 0));
    view.setBigInt64(6, BigInt(granulePosition), true);
    view.setUint32(14, serialNumber, true);
    view.setUint32(18, sequence++, true);
    view.setUint8(26, segments.length);
    view.setUint32(22, checksum(page), true);
    return page;
  };
}

/** A packet that fills its last segment is followed by an empty one. */
function segmentLengths({ length }: Uint8Array): number[] {
  const full = Math.floor(length / fullSegmentBytes);
  return [...new Array<number>(full).fill(fullSegmentBytes), length % fullSegmentBytes];
}

const polynomial = 0x04c1_1db7;
const checksumTable = Int32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte << 24;
  for (let bit = 0; bit < 8; bit++) {
    remainder = (remainder << 1) ^ (remainder < 0 ? polynomial : 0);
  }
  return remainder;
});

/** CRC-32 with the most significant bit first, from 0. */
export function checksum(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) crc = (crc << 8) ^ (checksumTable[(crc >>> 24) ^ byte] ?? 0);
  return crc >>> 0;
}
