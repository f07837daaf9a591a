/**
 * How Opus packets of 20 ms are gathered before they leave, whatever the file they are put in.
 *
 * The first group goes out with the first 80 ms of speech, less what tempo and resampling may hold back of it. Each
 * later one carries as much as one frame of the 12.5 Hz codec, so that nothing waits for the frame after it.
 */

const firstGroupPackets = 3;
const groupPackets = 4;

/** Opus counts at 48 kHz whatever the rate of the input. */
export const granulesPerSecond = 48_000;
export const granulesPerPacket = 0.02 * granulesPerSecond;

export interface OpusStream {
  /** Of the input, in Hz: for the record alone. */
  sampleRate: number;
  /** What a decoder drops at the beginning, in granules. */
  preSkip: number;
}

export interface PacketGroup {
  packets: readonly Uint8Array[];
  /** How much a decoder has after these packets, pre-skip included; of the last ones it gives no more than that. */
  granulePosition: number;
  last: boolean;
}

/** Writes one stream, a group at a time; what a file begins with comes with the first. */
export type WriteGroup = (group: PacketGroup) => Uint8Array;

export interface OpusPackets {
  /** Takes the next packet and returns the group it completes, as it is written, if it does. */
  add(packet: Uint8Array): Uint8Array;
  /** Takes the last packets, one at least, and cuts the sound to `granules` in all. */
  finish(packets: readonly Uint8Array[], granules: number): Uint8Array;
}

export function groupOpusPackets({ preSkip }: OpusStream, write: WriteGroup): OpusPackets {
  let packets: Uint8Array[] = [];
  let packetCount = 0;
  let needed = firstGroupPackets;

  const release = (granulePosition: number, last: boolean): Uint8Array => {
    const bytes = write({ packets, granulePosition, last });
    packets = [];
    needed = groupPackets;
    return bytes;
  };

  return {
    add(packet) {
      packets.push(packet);
      packetCount++;
      if (packets.length < needed) return new Uint8Array(0);
      return release(packetCount * granulesPerPacket, false);
    },
    finish(lastPackets, granules) {
      packets.push(...lastPackets);
      return release(preSkip + granules, true);
    },
  };
}

/** RFC 7845, section 5.1, with mapping family 0, mono. Matroska has the same. */
export function identificationHeader({ sampleRate, preSkip }: OpusStream): Uint8Array {
  const header = new Uint8Array(19);
  const view = new DataView(header.buffer);
  header.set(new TextEncoder().encode("OpusHead"));
  view.setUint8(8, 1);
  view.setUint8(9, 1);
  view.setUint16(10, preSkip, true);
  view.setUint32(12, sampleRate, true);
  return header;
}
