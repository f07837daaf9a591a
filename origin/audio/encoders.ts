import { type AudioFormat, speechSampleRate } from "../../shared/formats.ts";
import type { Encoder, EncoderOptions } from "./encoder.ts";
import { createFlacEncoder } from "./flac.ts";
import { createAlawEncoder, createMulawEncoder } from "./g711.ts";
import { createMp3Encoder } from "./mp3.ts";
import { createOpusEncoder, createWebmEncoder } from "./opus.ts";
import { createPcmEncoder } from "./pcm.ts";
import { createWavEncoder } from "./wav.ts";

type EncoderFactory = (options: EncoderOptions) => Encoder | Promise<Encoder>;

const factories: Record<AudioFormat, EncoderFactory> = {
  mp3: createMp3Encoder,
  opus: createOpusEncoder,
  // Its packages take a second to load and 150 MB: programs that never encode AAC shall not have them.
  aac: async (options) => (await import("./aac.ts")).createAacEncoder(options),
  flac: createFlacEncoder,
  wav: createWavEncoder,
  pcm: createPcmEncoder,
  ogg: createOpusEncoder,
  webm: createWebmEncoder,
  mulaw: createMulawEncoder,
  alaw: createAlawEncoder,
};

/** Begins a file of the format. Throws when the format cannot carry the sample rate. */
export async function createEncoder(
  format: AudioFormat,
  options: EncoderOptions,
): Promise<Encoder> {
  return factories[format](options);
}

let warming: Promise<void> | undefined;

/** Loads what takes long to load and starts a thread for AAC, so that the first file of a server begins as soon as any. */
export function warmEncoders(): Promise<void> {
  warming ??= encodeNothing();
  return warming;
}

async function encodeNothing(): Promise<void> {
  const encoder = await createEncoder("aac", { sampleRate: speechSampleRate });
  try {
    await encoder.finish();
  } finally {
    encoder.close();
  }
}
