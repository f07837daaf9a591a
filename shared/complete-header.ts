import { patchFlacSamples } from "./flac-header.ts";
import type { AudioFormat } from "./formats.ts";
import type { SpeechEnd } from "./frames/frame.ts";
import { patchWavSizes } from "./wav-header.ts";
import { patchWebmLength } from "./webm-header.ts";

/** No format's header has more bytes before the audio, as far as they say how long the file is. */
export const maxHeaderBytes = 256;

/** What a header is completed from. */
export type FileLength = Pick<SpeechEnd, "bytes" | "samples" | "sample_rate">;

/**
 * Writes how long the file is into its beginning, in place, where its format has a header for that, which no stream can
 * know when it begins. Says whether it has. `file` may be its beginning alone.
 *
 * Throws a RangeError when the file is not of that format.
 */
export function completeHeader(
  file: Uint8Array,
  format: AudioFormat,
  { bytes, samples, sample_rate }: FileLength,
): boolean {
  if (format === "wav") patchWavSizes(file, bytes);
  else if (format === "flac") patchFlacSamples(file, samples);
  else if (format === "webm") patchWebmLength(file, { bytes, seconds: samples / sample_rate });
  else return false;
  return true;
}
