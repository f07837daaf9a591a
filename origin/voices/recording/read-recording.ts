/** Recordings that people upload to have their voice cloned. */

import {
  maxRecordingBytes,
  type Recording,
  refuseRecording,
  unreadable,
  wrongLength,
} from "./recording.ts";
import { readInThread, ThreadLostError } from "./threads.ts";

export interface ReadRecordingOptions {
  /** Ends the reading at once. */
  signal: AbortSignal;
}

/**
 * Reads a recording of one voice: WAV (PCM, float, A-law, mu-law), MP3, FLAC, Ogg and WebM (Opus, Vorbis), ADTS and MP4
 * (AAC), told by their content. The bytes are only read. Waits for its turn while others are read.
 *
 * Throws an ApiError 400 about `audio_sample`: `invalid_audio` for what cannot be read, `unsupported_audio` for codecs,
 * rates and numbers of channels that are not read here, `invalid_audio_length`, and `unsuitable_audio` for what is silent,
 * too quiet, clipped, or noise or a steady sound alone. Throws the signal's reason when that is aborted.
 */
export async function readRecording(
  bytes: Uint8Array,
  { signal }: ReadRecordingOptions,
): Promise<Recording> {
  if (bytes.length > maxRecordingBytes) {
    throw wrongLength(
      `The recording is a file of ${bytes.length} bytes; at most ${maxRecordingBytes} (10 MiB) are taken.`,
    );
  }
  const answer = await readInThread(bytes, signal).catch((error: unknown) => {
    if (!(error instanceof ThreadLostError)) throw error;
    throw unreadable(`The recording cannot be read, it may be damaged: ${error.message}.`);
  });
  if ("recording" in answer) return answer.recording;
  throw refuseRecording(answer.refusal.code, answer.refusal.message);
}
