import type { AudioFormat } from "../../shared/formats.ts";
import type { Encoder, EncoderOptions } from "./encoder.ts";
import { createMp3Encoder } from "./mp3.ts";
import { createOpusEncoder } from "./opus.ts";
import { createPcmEncoder } from "./pcm.ts";
import { createWavEncoder } from "./wav.ts";

const factories: Record<AudioFormat, (options: EncoderOptions) => Encoder | Promise<Encoder>> = {
  mp3: createMp3Encoder,
  opus: createOpusEncoder,
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
