/**
 * FLAC by libFLAC, in this thread. Its blocks would be of 4096 samples; those of 1152, 48 ms at 24 kHz, let the first
 * 80 ms of speech make a frame, and come out smaller for speech.
 */

import type { Encoder, EncoderOptions } from "./encoder.ts";
import { toInt16 } from "./int16.ts";
import { joinBytes } from "./join.ts";

type LibFlac = typeof import("libflacjs/dist/libflac.min.js");

const blockSamples = 1152;
const bitsPerSample = 16;
const compressionLevel = 5;
const unknownLength = 0;

let loading: Promise<LibFlac> | undefined;

/**
 * Mono 16-bit FLAC, its length and digest left unknown. No input makes a header alone.
 * Throws an Error for a rate FLAC cannot state.
 */
export async function createFlacEncoder({ sampleRate }: EncoderOptions): Promise<Encoder> {
  loading ??= loadLibFlac();
  const flac = await loading;
  let stream: number | undefined = flac.create_libflac_encoder(
    sampleRate,
    1,
    bitsPerSample,
    compressionLevel,
    unknownLength,
    false,
    blockSamples,
  );
  let parts: Uint8Array[] = [];
  let hasSound = false;
  const status = flac.init_encoder_stream(stream, (part, _bytes, samples) => {
    parts.push(part);
    hasSound ||= samples > 0;
  });

  const run = (step: (stream: number) => boolean): void => {
    if (stream === undefined) throw new Error("the FLAC encoder is closed");
    if (!step(stream)) throw new Error("libFLAC failed");
  };

  const release = (): Uint8Array => {
    const bytes = joinBytes(parts);
    parts = [];
    return bytes;
  };

  const close = () => {
    if (stream !== undefined) flac.FLAC__stream_encoder_delete(stream);
    stream = undefined;
  };

  if (status !== 0) {
    close();
    throw new Error(`libFLAC cannot encode at ${sampleRate} Hz`);
  }

  return {
    encode(pcm) {
      const samples = new Int32Array(toInt16(pcm));
      run((id) => flac.FLAC__stream_encoder_process_interleaved(id, samples, samples.length));
      return hasSound ? release() : new Uint8Array(0);
    },
    finish() {
      run(flac.FLAC__stream_encoder_finish);
      close();
      return release();
    },
    close,
  };
}

async function loadLibFlac(): Promise<LibFlac> {
  const { default: flac } = await import("libflacjs/dist/libflac.min.js");
  if (!flac.isReady()) await new Promise((resolve) => flac.on("ready", resolve));
  return flac;
}
