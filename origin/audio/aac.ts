/**
 * AAC-LC by libavcodec, in ADTS frames, through Mediabunny.
 *
 * A stream is started in its thread at once, by a single sample of silence, and not waited for: meanwhile the engine
 * begins.
 */

import { registerAacEncoder } from "@mediabunny/aac-encoder";
import { AdtsOutputFormat, AudioSample, AudioSampleSource, NullTarget, Output } from "mediabunny";
import { formats } from "../../shared/formats.ts";
import { withAacWorkers } from "./aac-workers.ts";
import { createBlocks } from "./blocks.ts";
import { clip } from "./clip.ts";
import type { Encoder, EncoderOptions } from "./encoder.ts";
import { joinBytes } from "./join.ts";

/** The sampling frequencies of ISO/IEC 14496-3, table 1.18, as far as speech is served in them. */
const sampleRates = [8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000];

/**
 * A quarter of an AAC frame. Mediabunny waits for its encoder only when four pieces are under way: pieces this small
 * make it wait until all that can be encoded is.
 */
const pieceSamples = 256;

/**
 * Mono AAC. Decoders give 1025 samples before the first one, and up to a frame after the last. No input makes two
 * frames of silence. Throws a RangeError for a rate that AAC does not have.
 */
export async function createAacEncoder({ sampleRate, bitrate }: EncoderOptions): Promise<Encoder> {
  if (!sampleRates.includes(sampleRate)) throw new RangeError(`AAC has no ${sampleRate} Hz`);
  registerAacEncoder();
  const source = new AudioSampleSource({
    codec: "aac",
    bitrate: bitrate ?? formats.aac.bitrate.default,
  });
  let frames: Uint8Array[] = [];
  const format = new AdtsOutputFormat({ onFrame: (frame) => frames.push(frame) });
  const output = new Output({ format, target: new NullTarget() });
  output.addAudioTrack(source);
  await output.start();

  const pieces = createBlocks(pieceSamples);
  let samples = 0;
  let closed = false;

  const add = async (pcm: Float32Array): Promise<void> => {
    const piece = new AudioSample({
      data: pcm.map(clip),
      format: "f32",
      numberOfChannels: 1,
      sampleRate,
      timestamp: samples / sampleRate,
    });
    samples += pcm.length;
    try {
      await source.add(piece);
    } finally {
      piece.close();
    }
  };

  const release = (): Uint8Array => {
    const bytes = joinBytes(frames);
    frames = [];
    return bytes;
  };

  const started = withAacWorkers(() => add(new Float32Array(1)));
  // What went wrong is reported by the first call that waits for it.
  started.catch(() => {});

  return {
    async encode(pcm) {
      await started;
      await Promise.all(Array.from(pieces.push(pcm), add));
      return release();
    },
    async finish() {
      await started;
      if (pieces.rest().length > 0) await add(pieces.rest());
      closed = true;
      await output.finalize();
      return release();
    },
    close() {
      if (closed) return;
      closed = true;
      // Not before it has started: a worker on its way could not be stopped.
      started.finally(() => output.cancel()).catch(() => {});
    },
  };
}
