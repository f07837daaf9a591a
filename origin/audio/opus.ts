/**
 * Ogg Opus by libopus, in this thread.
 *
 * The library's memory is freed by the garbage collector, which does not see how much it is. So encoders are reset and
 * used again; one that was reset makes the same packets as a new one.
 */

import { Encoder as Libopus } from "@evan/opus";
import { formats } from "../../shared/formats.ts";
import { createBlocks } from "./blocks.ts";
import type { Encoder, EncoderOptions } from "./encoder.ts";
import { toInt16 } from "./int16.ts";
import { joinBytes } from "./join.ts";
import { createOggOpus, granulesPerSecond } from "./ogg-opus.ts";

const sampleRates = [8_000, 12_000, 16_000, 24_000, 48_000] as const;

const packetsPerSecond = 50;

/** `OPUS_GET_LOOKAHEAD` and `OPUS_RESET_STATE` in opus_defines.h. */
const getLookahead = 4027;
const resetState = 4028;

const shelves = new Map<number, Libopus[]>(sampleRates.map((rate) => [rate, []]));

/**
 * Mono Ogg Opus in packets of 20 ms; it decodes to exactly the samples that went in. No input makes a file without
 * sound. Throws a RangeError for a rate other than 8, 12, 16, 24 or 48 kHz.
 */
export function createOpusEncoder({ sampleRate, bitrate }: EncoderOptions): Encoder {
  const shelf = shelves.get(sampleRate);
  if (!shelf) throw new RangeError(`Opus has no ${sampleRate} Hz`);
  let opus: Libopus | undefined = shelf.pop() ?? createLibopus(sampleRate);
  opus.bitrate = bitrate ?? formats.opus.bitrate.default;
  const lookahead = opus.ctl(getLookahead);
  const granulesPerSample = granulesPerSecond / sampleRate;
  const frameSamples = sampleRate / packetsPerSecond;
  const frames = createBlocks(frameSamples);
  const ogg = createOggOpus({ sampleRate, preSkip: lookahead * granulesPerSample });
  let samples = 0;

  function* packetsOf(pcm: Float32Array): Generator<Uint8Array, void> {
    if (!opus) throw new Error("the Opus encoder is closed");
    for (const frame of frames.push(pcm)) yield opus.encode(toInt16(frame));
  }

  const close = () => {
    if (!opus) return;
    opus.ctl(resetState);
    shelf.push(opus);
    opus = undefined;
  };

  return {
    encode(pcm) {
      samples += pcm.length;
      return joinBytes(Array.from(packetsOf(pcm), ogg.add));
    },
    finish() {
      const packetCount = Math.ceil((samples + lookahead) / frameSamples);
      const silence = new Float32Array(packetCount * frameSamples - samples);
      const pages = ogg.finish([...packetsOf(silence)], samples * granulesPerSample);
      close();
      return pages;
    },
    close,
  };
}

function createLibopus(sampleRate: number): Libopus {
  return new Libopus({
    channels: 1,
    sample_rate: sampleRate as (typeof sampleRates)[number],
    application: "audio",
  });
}
