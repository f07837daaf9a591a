import { patchFlacSamples } from "./flac-header.ts";
import type { AudioFormat } from "./formats.ts";
import type { SpeechEnd } from "./frames/frame.ts";
import { patchWavSizes } from "./wav-header.ts";

/**
 * Writes how long the file is into its beginning, in place, where its format has a header for that, which no stream can
 * know when it begins. Says whether it has. `file` may be the beginning alone.
 *
 * Throws a RangeError when the file is not of that format.
 */
export function completeHeader(
  file: Uint8Array,
  format: AudioFormat,
  { bytes, samples }: Pick<SpeechEnd, "bytes" | "samples">,
): boolean {
  if (format === "wav") patchWavSizes(file, bytes);
  else if (format === "flac") patchFlacSamples(file, samples);
  else return false;
  return true;
}
