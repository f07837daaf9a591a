/**
 * Puts Opus packets of 20 ms on Ogg pages (RFC 7845), mono. Pages depend on the packets alone, and the stream's number on
 * the first of them: the same sound makes the same file.
 */

import { joinBytes } from "./join.ts";
import { checksum, createOggStream } from "./ogg.ts";
import { identificationHeader, type OpusStream, type WriteGroup } from "./opus-packets.ts";

/** Writes each group as a page, the headers before the first. */
export function createOggOpus(stream: OpusStream): WriteGroup {
  let makePage: ReturnType<typeof createOggStream> | undefined;
  return ({ packets, granulePosition, last }) => {
    const pages: Uint8Array[] = [];
    if (!makePage) {
      makePage = createOggStream(checksum(joinBytes(packets)));
      for (const header of [identificationHeader(stream), commentHeader()]) {
        pages.push(makePage({ packets: [header], granulePosition: 0 }));
      }
    }
    pages.push(makePage({ packets, granulePosition, last }));
    return joinBytes(pages);
  };
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
