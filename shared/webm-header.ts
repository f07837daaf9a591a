/**
 * The beginning of a WebM file (RFC 8794 for its elements, RFC 9559 for what they mean) that holds one Segment. A stream
 * does not know how long it will be: its Segment has no size, and a Void stands where a file that is complete says how
 * long it plays. Players then show that, and know where the file ends.
 */

import { concatenate } from "./byte-stream.ts";

/** The size of an element that lasts until its parent ends, in the eight bytes that a known one may take as well. */
const unknownSize = Uint8Array.of(0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff);
const maxSize = 2 ** 56 - 2;

const ids = { ebml: 0x1a45dfa3, segment: 0x18538067, info: 0x1549a966, duration: 0x4489 };

const ticksPerSecond = 1000;

const ebmlHeader = element(ids.ebml, [
  element(0x4286, uint(1)),
  element(0x42f7, uint(1)),
  element(0x42f2, uint(4)),
  element(0x42f3, uint(8)),
  element(0x4282, text("webm")),
  element(0x4287, uint(4)),
  element(0x4285, uint(2)),
]);

const segmentHead = concatenate([idBytes(ids.segment), unknownSize]);
const program = text("qwen3-tts-edge");
/** Takes as many bytes as the Duration that may come to stand in its place. */
const noDuration = element(0xec, new Uint8Array(9));

const info = element(ids.info, [
  noDuration,
  element(0x2ad7b1, uint(1_000_000_000 / ticksPerSecond)),
  element(0x4d80, program),
  element(0x5741, program),
]);

const beginning = concatenate([ebmlHeader, segmentHead, info]);
const segmentSizeOffset = ebmlHeader.byteLength + idBytes(ids.segment).byteLength;
const segmentDataOffset = segmentSizeOffset + unknownSize.byteLength;
/** After the id of Info and its size, which is one byte. */
const durationOffset = segmentDataOffset + idBytes(ids.info).byteLength + 1;
const durationEnd = durationOffset + noDuration.byteLength;

/** What stands before the Tracks of every file: timestamps are in milliseconds, the length is not known. */
export function webmBeginning(): Uint8Array<ArrayBuffer> {
  return beginning.slice();
}

/**
 * Writes into a complete file how many bytes it has and how long it plays, in place. `file` may be the file's beginning
 * alone.
 *
 * Throws a RangeError when `file` does not begin as `webmBeginning` does, but for what this writes.
 */
export function patchWebmLength(
  file: Uint8Array,
  { bytes, seconds }: { bytes: number; seconds: number },
): void {
  if (!startsWithBeginning(file)) throw new RangeError("not a WebM file of webmBeginning");
  const view = new DataView(file.buffer, file.byteOffset, beginning.byteLength);
  const size = Math.min(bytes - segmentDataOffset, maxSize);
  view.setBigUint64(segmentSizeOffset, (1n << 56n) | BigInt(size));
  file.set(element(ids.duration, float(seconds * ticksPerSecond)), durationOffset);
}

function startsWithBeginning(file: Uint8Array): boolean {
  return beginning.every(
    (byte, at) =>
      file[at] === byte ||
      (at < file.byteLength && at > segmentSizeOffset && at < segmentDataOffset) ||
      (at < file.byteLength && at >= durationOffset && at < durationEnd),
  );
}

/** One element: its id with the marker bits it is written with, its size, and its data or its children. */
export function element(
  id: number,
  content: Uint8Array | readonly Uint8Array[],
): Uint8Array<ArrayBuffer> {
  const parts = content instanceof Uint8Array ? [content] : content;
  const size = parts.reduce((total, { byteLength }) => total + byteLength, 0);
  return concatenate([idBytes(id), sizeBytes(size), ...parts]);
}

/** An unsigned integer of at most 2^48 in as few bytes as it takes. */
export function uint(value: number): Uint8Array {
  const bytes = [value % 256];
  for (let rest = Math.floor(value / 256); rest > 0; rest = Math.floor(rest / 256)) {
    bytes.unshift(rest % 256);
  }
  return Uint8Array.from(bytes);
}

/** A number in the eight bytes of a double. */
export function float(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value);
  return bytes;
}

/** ASCII. */
export function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

function idBytes(id: number): Uint8Array {
  return uint(id);
}

/** In as few bytes as it takes, up to four; a size of all ones would be an unknown one. */
function sizeBytes(size: number): Uint8Array {
  if (size < 0x7f) return Uint8Array.of(0x80 | size);
  if (size < 0x3fff) return Uint8Array.of(0x40 | (size >> 8), size & 0xff);
  if (size < 0x1f_ffff) return Uint8Array.of(0x20 | (size >> 16), (size >> 8) & 0xff, size & 0xff);
  if (size < 0xfff_ffff) return uint(0x1000_0000 + size);
  throw new RangeError(`an element of ${size} bytes is not written here`);
}
