import type { AudioFormat } from "../../shared/formats.ts";
import type { Encoder, EncoderOptions } from "./encoder.ts";
import { createFlacEncoder } from "./flac.ts";
import { createMp3Encoder } from "./mp3.ts";
import { createOpusEncoder } from "./opus.ts";
import { createPcmEncoder } from "./pcm.ts";
import { createWavEncoder } from "./wav.ts";

type EncoderFactory = (options: EncoderOptions) => Encoder | Promise<Encoder>;

const factories: Record<AudioFormat, EncoderFactory> = {
  mp3: createMp3Encoder,
  opus: createOpusEncoder,
  // Its packages take a second to load and 150 MB: only those who ask for AAC shall have them.
  aac: async (options) => (await import("./aac.ts")).createAacEncoder(options),
  flac: createFlacEncoder,
  wav: createWavEncoder,
  pcm: createPcmEncoder,
  ogg: createOpusEncoder,
};

/** Begins a file of the format. Throws when the format cannot carry the sample rate. */
export async function createEncoder(
  format: AudioFormat,
  options: EncoderOptions,
): Promise<Encoder> {
  return factories[format](options);
}
