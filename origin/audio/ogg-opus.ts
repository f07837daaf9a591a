/**
 * Puts Opus packets of 20 ms on Ogg pages (RFC 7845), mono.
 *
 * The first page goes out with the first 80 ms of speech, less what tempo and resampling may hold back of it. Each
 * later one carries as much as one frame of the 12.5 Hz codec, so that nothing waits for the frame after it. Pages
 * depend on the packets alone, and the stream's number on the first of them: the same sound makes the same file.
 */

import { joinBytes } from "./join.ts";
import { checksum, createOggStream } from "./ogg.ts";

const firstPagePackets = 3;
const pagePackets = 4;

/** Ogg Opus counts at 48 kHz whatever the rate of the input. */
export const granulesPerSecond = 48_000;
const granulesPerPacket = 0.02 * granulesPerSecond;

interface OggOpusOptions {
  /** Of the input, in Hz: for the record alone. */
  sampleRate: number;
  /** What a decoder drops at the beginning, in granules. */
  preSkip: number;
}

export interface OggOpus {
  /** Takes the next packet and returns the page it completes, if it does; the headers come with the first. */
  add(packet: Uint8Array): Uint8Array;
  /** Takes the last packets, one at least, and cuts the sound to `granules` in all. */
  finish(packets: readonly Uint8Array[], granules: number): Uint8Array;
}

export function createOggOpus(options: OggOpusOptions): OggOpus {
  let packets: Uint8Array[] = [];
  let packetCount = 0;
  let makePage: ReturnType<typeof createOggStream> | undefined;

  const release = (granulePosition: number, last: boolean): Uint8Array => {
    const pages: Uint8Array[] = [];
    if (!makePage) {
      makePage = createOggStream(checksum(joinBytes(packets)));
      for (const header of [identificationHeader(options), commentHeader()]) {
        pages.push(makePage({ packets: [header], granulePosition: 0 }));
      }
    }
    pages.push(makePage({ packets, granulePosition, last }));
    packets = [];
    return joinBytes(pages);
  };

  return {
    add(packet) {
      packets.push(packet);
      packetCount++;
      if (packets.length < (makePage ? pagePackets : firstPagePackets)) return new Uint8Array(0);
      return release(packetCount * granulesPerPacket, false);
    },
    finish(lastPackets, granules) {
      packets.push(...lastPackets);
      return release(options.preSkip + granules, true);
    },
  };
}

/** RFC 7845, section 5.1, with mapping family 0. */
function identificationHeader({ sampleRate, preSkip }: OggOpusOptions): Uint8Array {
  const header = new Uint8Array(19);
  const view = new DataView(header.buffer);
  header.set(new TextEncoder().encode("OpusHead"));
  view.setUint8(8, 1);
  view.setUint8(9, 1);
  view.setUint16(10, preSkip, true);
  view.setUint32(12, sampleRate, true);
  return header;
}

/** RFC 7845, section 5.2, without comments. */
function commentHeader(): Uint8Array {
  const vendor = new TextEncoder().encode("libopus");
  const header = new Uint8Array(16 + vendor.length);
  header.set(new TextEncoder().encode("OpusTags"));
  new DataView(header.buffer).setUint32(8, vendor.length, true);
  header.set(vendor, 12);
  return header;
}
