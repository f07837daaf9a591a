/**
 * The header of a 16-bit mono WAV file. A stream sends it before its length is known, so its two sizes say 0xFFFFFFFF,
 * which players read as "until the end"; a file that is complete can have the true ones.
 */

export const wavHeaderBytes = 44;
const unknownSize = 0xffff_ffff;
const bytesPerSample = 2;
const riffSizeOffset = 4;
const dataSizeOffset = 40;
/** The RIFF size counts everything after itself. */
const riffSizeExcludes = 8;

/** The 44 bytes that stand before mono s16le samples at `sampleRate` Hz, with unknown sizes. */
export function wavHeader(sampleRate: number): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(wavHeaderBytes);
  const view = new DataView(header.buffer);
  writeText(header, 0, "RIFF");
  view.setUint32(riffSizeOffset, unknownSize, true);
  writeText(header, 8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, sampleRate * bytesPerSample, true);
  view.setUint16(32, bytesPerSample, true);
  view.setUint16(34, 8 * bytesPerSample, true);
  writeText(header, 36, "data");
  view.setUint32(dataSizeOffset, unknownSize, true);
  return header;
}

/**
 * Writes the true sizes into a complete file, in place. `file` may be the file's beginning alone when `fileBytes` says
 * how long all of it is. Sizes that 32 bits cannot hold stay unknown.
 *
 * Throws a RangeError when `file` does not begin with a header of `wavHeader`.
 */
export function patchWavSizes(file: Uint8Array, fileBytes = file.byteLength): void {
  if (!startsWithWavHeader(file)) throw new RangeError("not a WAV file with a 44-byte header");
  const view = new DataView(file.buffer, file.byteOffset, wavHeaderBytes);
  view.setUint32(riffSizeOffset, Math.min(fileBytes - riffSizeExcludes, unknownSize), true);
  view.setUint32(dataSizeOffset, Math.min(fileBytes - wavHeaderBytes, unknownSize), true);
}

function startsWithWavHeader(file: Uint8Array): boolean {
  return (
    file.byteLength >= wavHeaderBytes &&
    readText(file, 0, 4) === "RIFF" &&
    readText(file, 8, 16) === "WAVEfmt " &&
    readText(file, 36, 40) === "data"
  );
}

function writeText(bytes: Uint8Array, offset: number, text: string): void {
  bytes.set(new TextEncoder().encode(text), offset);
}

function readText(bytes: Uint8Array, from: number, to: number): string {
  return new TextDecoder("latin1").decode(bytes.subarray(from, to));
}
