/**
 * Puts Opus packets of 20 ms into WebM (RFC 9559; https://www.matroska.org/technical/codec_specs.html for Opus), mono,
 * as players that are fed by MediaSource take it. Every cluster has its size and its time, so that one can be played
 * as soon as it has come.
 *
 * Mediabunny has a muxer, but it holds a cluster back until the one after it begins.
 */

import { element, float, text, uint, webmBeginning } from "../../shared/webm-header.ts";
import { joinBytes } from "./join.ts";
import {
  granulesPerPacket,
  granulesPerSecond,
  identificationHeader,
  type OpusStream,
  type WriteGroup,
} from "./opus-packets.ts";

const trackNumber = 1;
const packetMs = 20;
const nanosecondsPerGranule = 1_000_000_000 / granulesPerSecond;
/** What a decoder needs to hear before a place that is jumped to (RFC 7845, section 4.6), in nanoseconds. */
const seekPreRoll = 80_000_000;

const ids = {
  tracks: 0x1654ae6b,
  trackEntry: 0xae,
  cluster: 0x1f43b675,
  timestamp: 0xe7,
  simpleBlock: 0xa3,
  blockGroup: 0xa0,
  block: 0xa1,
  discardPadding: 0x75a2,
};

/** Each packet can be decoded by itself. */
const keyframe = 0x80;

/** Writes each group as a cluster, the headers before the first. */
export function createWebmOpus(stream: OpusStream): WriteGroup {
  let written = 0;
  return ({ packets, granulePosition, last }) => {
    const head = written === 0 ? [webmBeginning(), tracks(stream)] : [];
    const clusterMs = written * packetMs;
    written += packets.length;
    const surplus = written * granulesPerPacket - granulePosition;
    const blocks = packets.map((packet, at) =>
      last && at === packets.length - 1
        ? cutBlock(packet, at * packetMs, surplus)
        : element(ids.simpleBlock, joinBytes([blockHead(at * packetMs, keyframe), packet])),
    );
    return joinBytes([
      ...head,
      element(ids.cluster, [element(ids.timestamp, uint(clusterMs)), ...blocks]),
    ]);
  };
}

function tracks(stream: OpusStream): Uint8Array {
  const entry = element(ids.trackEntry, [
    element(0xd7, uint(trackNumber)),
    element(0x73c5, uint(1)),
    element(0x83, uint(2)),
    element(0x9c, uint(0)),
    element(0x86, text("A_OPUS")),
    element(0x56aa, uint(Math.round(stream.preSkip * nanosecondsPerGranule))),
    element(0x56bb, uint(seekPreRoll)),
    element(0x63a2, identificationHeader(stream)),
    element(0xe1, [element(0xb5, float(granulesPerSecond)), element(0x9f, uint(1))]),
  ]);
  return element(ids.tracks, [entry]);
}

/** The last packet, of whose end a decoder is to drop so many granules, less than all of it. */
function cutBlock(packet: Uint8Array, atMs: number, surplus: number): Uint8Array {
  const padding = new Uint8Array(4);
  new DataView(padding.buffer).setInt32(0, Math.round(surplus * nanosecondsPerGranule));
  return element(ids.blockGroup, [
    element(ids.block, joinBytes([blockHead(atMs, 0), packet])),
    element(ids.discardPadding, padding),
  ]);
}

/** The track, the time within the cluster, and flags. */
function blockHead(atMs: number, flags: number): Uint8Array {
  return Uint8Array.of(0x80 | trackNumber, atMs >> 8, atMs & 0xff, flags);
}
