/**
 * The beginning of a FLAC file (RFC 9639, section 8): the marker `fLaC` and the metadata block STREAMINFO, which says
 * among other things how many samples there are. A stream says 0, which means that nobody knows, and players then show
 * no length and cannot jump to a place; a file that is complete can have the true number.
 */

/** The marker, the head of the block, and the 34 bytes of the block. */
const headerBytes = 4 + 4 + 34;
const marker = 0x664c_6143;
/** Of a block of type 0 and that length, whether or not it is the last one, which the first bit says. */
const streamInfoHead = 34;
const isLastBit = 0x8000_0000;

/** The number has 36 bits: the lower half of this byte, and the four bytes after it. */
const samplesOffset = 21;
const maxSamples = 2 ** 36 - 1;

/**
 * Writes the number of samples into a complete file, in place. `file` may be the file's beginning alone. A number that
 * 36 bits cannot hold stays unknown, and so does the digest of the samples.
 *
 * Throws a RangeError when `file` does not begin as a FLAC file does.
 */
export function patchFlacSamples(file: Uint8Array, samples: number): void {
  if (!startsWithStreamInfo(file)) throw new RangeError("not a FLAC file");
  const view = new DataView(file.buffer, file.byteOffset, headerBytes);
  const known = samples <= maxSamples ? samples : 0;
  const upperHalf = view.getUint8(samplesOffset) & 0xf0;
  view.setUint8(samplesOffset, upperHalf | Math.floor(known / 2 ** 32));
  view.setUint32(samplesOffset + 1, known % 2 ** 32);
}

function startsWithStreamInfo(file: Uint8Array): boolean {
  if (file.byteLength < headerBytes) return false;
  const view = new DataView(file.buffer, file.byteOffset, headerBytes);
  return view.getUint32(0) === marker && (view.getUint32(4) & ~isLastBit) === streamInfoHead;
}
