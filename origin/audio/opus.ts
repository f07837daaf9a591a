/**
 * Opus by libopus, in this thread, in Ogg or in WebM.
 *
 * Every stream has an encoder of its own. One that is reset still remembers a little of what it encoded last, and the
 * same sound would not always make the same file. The garbage collector frees it, 43 kB each.
 */

import { Encoder as Libopus } from "@evan/opus";
import { formats } from "../../shared/formats.ts";
import { createBlocks } from "./blocks.ts";
import type { Encoder, EncoderOptions } from "./encoder.ts";
import { toInt16 } from "./int16.ts";
import { joinBytes } from "./join.ts";
import { createOggOpus } from "./ogg-opus.ts";
import {
  granulesPerSecond,
  groupOpusPackets,
  type OpusStream,
  type WriteGroup,
} from "./opus-packets.ts";
import { createWebmOpus } from "./webm-opus.ts";

const sampleRates = [8_000, 12_000, 16_000, 24_000, 48_000] as const;

const packetsPerSecond = 50;

/** `OPUS_GET_LOOKAHEAD` in opus_defines.h. */
const getLookahead = 4027;

/**
 * Mono Ogg Opus in packets of 20 ms; it decodes to exactly the samples that went in. No input makes a file without
 * sound. Throws a RangeError for a rate other than 8, 12, 16, 24 or 48 kHz.
 */
export function createOpusEncoder(options: EncoderOptions): Encoder {
  return createEncoderInto(createOggOpus, options);
}

/** The same in WebM. */
export function createWebmEncoder(options: EncoderOptions): Encoder {
  return createEncoderInto(createWebmOpus, options);
}

function createEncoderInto(
  createFile: (stream: OpusStream) => WriteGroup,
  { sampleRate, bitrate }: EncoderOptions,
): Encoder {
  let opus: Libopus | undefined = createLibopus(sampleRate);
  opus.bitrate = bitrate ?? formats.opus.bitrate.default;
  const lookahead = opus.ctl(getLookahead);
  const granulesPerSample = granulesPerSecond / sampleRate;
  const frameSamples = sampleRate / packetsPerSecond;
  const frames = createBlocks(frameSamples);
  const stream = { sampleRate, preSkip: lookahead * granulesPerSample };
  const groups = groupOpusPackets(stream, createFile(stream));
  let samples = 0;

  function* packetsOf(pcm: Float32Array): Generator<Uint8Array, void> {
    if (!opus) throw new Error("the Opus encoder is closed");
    for (const frame of frames.push(pcm)) yield opus.encode(toInt16(frame));
  }

  const close = () => {
    opus = undefined;
  };

  return {
    encode(pcm) {
      samples += pcm.length;
      return joinBytes(Array.from(packetsOf(pcm), groups.add));
    },
    finish() {
      const packetCount = Math.ceil((samples + lookahead) / frameSamples);
      const silence = new Float32Array(packetCount * frameSamples - samples);
      const bytes = groups.finish([...packetsOf(silence)], samples * granulesPerSample);
      close();
      return bytes;
    },
    close,
  };
}

function createLibopus(sampleRate: number): Libopus {
  const rate = sampleRates.find((known) => known === sampleRate);
  if (rate === undefined) throw new RangeError(`Opus has no ${sampleRate} Hz`);
  return new Libopus({ channels: 1, sample_rate: rate, application: "audio" });
}
