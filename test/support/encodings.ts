import type { Encoder } from "../../origin/audio/encoder.ts";
import { createEncoder } from "../../origin/audio/encoders.ts";
import { joinBytes } from "../../origin/audio/join.ts";
import { type AudioFormat, defaultSampleRate } from "../../shared/formats.ts";
import { webmBeginning } from "../../shared/webm-header.ts";
import { cut } from "./chunkings.ts";
import { decode, type Recording } from "./ffmpeg.ts";

/** What is known of a format; the samples are those of 24 kHz. */
export interface FormatTraits {
  /** The rates it carries, or some of them where there are many, in Hz. */
  sampleRates: readonly number[];
  /** What a decoder gives before the first sample. */
  delaySamples: number;
  /** What a decoder gives after the last sample, at most. */
  tailSamples: number;
  /** The chunks of 80 ms it takes to make bytes. */
  chunksToSound: number;
  /** What went in and cannot be decoded yet, at most. */
  heldBackSamples: number;
  /** Set where a decoder resamples, whatever went in. */
  decodedRate?: number;
}

const exact = { chunksToSound: 1, delaySamples: 0, tailSamples: 0, heldBackSamples: 0 };
const opus = {
  ...exact,
  heldBackSamples: 480 + 156,
  sampleRates: [8_000, 12_000, 16_000, 24_000, 48_000],
  decodedRate: 48_000,
};
const anyRate = [8_000, 22_050, 48_000];

export const traits: Record<AudioFormat, FormatTraits> = {
  mp3: {
    sampleRates: [8_000, 11_025, 24_000, 44_100],
    chunksToSound: 1,
    delaySamples: 1105,
    tailSamples: 47 + 576,
    heldBackSamples: 2708,
  },
  opus,
  aac: {
    sampleRates: [8_000, 11_025, 24_000, 44_100],
    chunksToSound: 2,
    delaySamples: 1025,
    tailSamples: 1023,
    heldBackSamples: 3 * 1024 + 255,
  },
  flac: { ...exact, sampleRates: anyRate, heldBackSamples: 1152 },
  wav: { ...exact, sampleRates: anyRate },
  pcm: { ...exact, sampleRates: anyRate },
  ogg: opus,
  // Of a file of one packet, ffmpeg forgets either what is dropped at the beginning or what is at the end.
  webm: { ...opus, tailSamples: 312 },
  // Served at 8 kHz alone; any other is as good to the encoder.
  mulaw: { ...exact, sampleRates: anyRate },
  alaw: { ...exact, sampleRates: anyRate },
};

/** The bytes in which a file that states its length differs from the stream it was, at most, from the first on. */
export const lengthHeaderBytes: Partial<Record<AudioFormat, number>> = {
  wav: 44,
  flac: 42,
  webm: webmBeginning().byteLength,
};

/** A whole file of the PCM, which comes in chunks. */
export async function encodeAll(
  encoder: Encoder,
  pcm: Float32Array,
  size: number | (() => number) = 1920,
): Promise<Uint8Array> {
  const parts = [];
  for (const chunk of cut(pcm, size)) parts.push(await encoder.encode(chunk));
  parts.push(await encoder.finish());
  return joinBytes(parts);
}

/** The same with a new encoder at 24 kHz. */
export async function encodeAs(
  format: AudioFormat,
  pcm: Float32Array,
  size?: number | (() => number),
): Promise<Uint8Array> {
  return encodeAll(await createEncoder(format, { sampleRate: 24_000 }), pcm, size);
}

/** Decodes a file that was encoded at `sampleRate`. */
export function decodeAs(
  format: AudioFormat,
  bytes: Uint8Array,
  sampleRate = 24_000,
): Promise<Recording> {
  return decode(bytes, demuxerOptions(format, sampleRate));
}

const demuxers: Partial<Record<AudioFormat, string>> = {
  pcm: "s16le",
  mulaw: "mulaw",
  alaw: "alaw",
};

/** What ffmpeg must be told of a file that does not say what it is, at the rate nobody asked for unless it has another. */
export function demuxerOptions(
  format: AudioFormat,
  sampleRate: number = defaultSampleRate(format),
): string[] {
  const demuxer = demuxers[format];
  return demuxer ? ["-f", demuxer, "-ar", String(sampleRate)] : [];
}
