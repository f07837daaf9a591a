/**
 * From the bytes of a file to mono sound at 24 kHz. What is decoded is counted as it comes: a few bytes can be hours of
 * silence.
 */

import { joinSamples } from "../../audio/join.ts";
import { createResampler } from "../../audio/resampler.ts";
import type { Stage } from "../../audio/stage.ts";
import { openContainer } from "./container.ts";
import type { DecodedSound } from "./decoders/packet-decoder.ts";
import { createFullScaleCounter } from "./full-scale.ts";
import { decodeTrack } from "./packets.ts";
import {
  maxDecodedSeconds,
  type RecordingSource,
  recordingChannels,
  recordingSampleRate,
  recordingSampleRates,
  unreadable,
  unsupported,
  wrongLength,
} from "./recording.ts";

export interface DecodedRecording {
  /** Mono at 24 kHz, with all the silence that came. */
  samples: Float32Array;
  /** Of the samples as they came, the share of those in flat tops at full scale: 0 to 1. */
  clippedShare: number;
  source: RecordingSource;
}

/** Throws an ApiError when the bytes are no recording that can be read here. May block its thread for seconds. */
export async function decodeRecording(bytes: Uint8Array): Promise<DecodedRecording> {
  const { name, track, close } = await openContainer(bytes);
  try {
    const fullScale = createFullScaleCounter();
    const parts: Float32Array[] = [];
    let resampler: { stage: Stage; sampleRate: number } | undefined;
    let first: DecodedSound | undefined;
    let seconds = 0;

    for await (const sound of decodeTrack(track)) {
      const { sampleRate } = sound;
      const mono = mixDown(sound);
      if (mono.length === 0) continue;
      if (sampleRate !== resampler?.sampleRate) {
        checkSampleRate(sampleRate);
        if (resampler) parts.push(resampler.stage.finish());
        resampler = { stage: await createResampler(sampleRate, recordingSampleRate), sampleRate };
      }
      first ??= sound;
      seconds += mono.length / sampleRate;
      if (seconds > maxDecodedSeconds) {
        throw wrongLength(
          `The recording goes on after ${maxDecodedSeconds} s, which is the longest that is read, silence included.`,
        );
      }
      fullScale.count(sound.channels);
      parts.push(resampler.stage.push(mono));
    }
    if (!first || !resampler) throw unreadable("The recording has no sound: 0 samples.");
    parts.push(resampler.stage.finish());
    return {
      samples: joinSamples(parts),
      clippedShare: fullScale.share,
      source: {
        container: name,
        codec: (await track.getCodec()) ?? "unknown",
        sampleRate: first.sampleRate,
        channels: await track.getNumberOfChannels(),
        seconds,
      },
    };
  } finally {
    close();
  }
}

/** The mean of the channels. Throws for what is no number. */
function mixDown({ channels }: DecodedSound): Float32Array {
  const { min, max } = recordingChannels;
  if (channels.length < min || channels.length > max) {
    throw unsupported(
      `The recording has ${channels.length} channels; ${max} are the most that are read.`,
    );
  }
  const mono = new Float32Array(channels[0]?.length ?? 0);
  for (const channel of channels) {
    for (let i = 0; i < mono.length; i++) mono[i] = (mono[i] ?? 0) + (channel[i] ?? 0);
  }
  for (let i = 0; i < mono.length; i++) {
    const mean = (mono[i] ?? 0) / channels.length;
    if (!(Math.abs(mean) <= maxSample)) {
      throw unreadable(`The recording has a sample of ${mean}; samples are numbers from -1 to 1.`);
    }
    mono[i] = mean;
  }
  return mono;
}

/** What lossy codecs make of full scale goes beyond it, and float files may hold some headroom; not 40 dB of it. */
const maxSample = 100;

function checkSampleRate(hertz: number): void {
  const { min, max } = recordingSampleRates;
  if (hertz >= min && hertz <= max) return;
  throw unsupported(`The recording has ${hertz} samples a second; ${min} to ${max} are read.`);
}
