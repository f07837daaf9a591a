/**
 * What a recording is made of, and how it is refused. A refusal names the rule and the recording's value, for whoever
 * uploaded it has to be able to mend it.
 */

import { type ApiError, invalidRequest } from "../../../shared/api-error.ts";

export interface Recording {
  /** Mono, in [-1, 1] or little beyond, at 24 kHz, trimmed of silence at both ends but for 100 ms. */
  samples: Float32Array;
  /** How long they last. */
  seconds: number;
  source: RecordingSource;
}

/** The recording as it came. */
export interface RecordingSource {
  /** As its format is called: `WAVE`, `MP3`, `Ogg`, `WebM`. */
  container: string;
  /** As in `pcm-s16`, `ulaw`, `aac`, `flac`, `mp3`, `opus`, `vorbis`. */
  codec: string;
  sampleRate: number;
  channels: number;
  /** With the silence that was cut. */
  seconds: number;
}

export const recordingSampleRate = 24_000;

/** Of the file. */
export const maxRecordingBytes = 10 * 1024 * 1024;

/** Of the sound without the silence around it. */
export const recordingSeconds = { min: 1, max: 60 } as const;

/** Of the sound as it came. No more is decoded. */
export const maxDecodedSeconds = 300;

export const recordingChannels = { min: 1, max: 8 } as const;

export const recordingSampleRates = { min: 8_000, max: 192_000 } as const;

/** The request field that brings a recording. */
const field = "audio_sample";

/** 400, with a code that another thread gave. */
export function refuseRecording(code: string, message: string): ApiError {
  return invalidRequest(code, message, field);
}

/** It is no recording that can be read. */
export function unreadable(message: string): ApiError {
  return invalidRequest("invalid_audio", message, field);
}

/** It is a recording in a form that is not read here. */
export function unsupported(message: string): ApiError {
  return invalidRequest("unsupported_audio", message, field);
}

/** It is not as long as a recording has to be. */
export function wrongLength(message: string): ApiError {
  return invalidRequest("invalid_audio_length", message, field);
}

/** It can be read, and a voice cannot be told from it. */
export function unsuitable(message: string): ApiError {
  return invalidRequest("unsuitable_audio", message, field);
}
