import { chain } from "./chain.ts";
import { createGain } from "./gain.ts";
import { identity } from "./identity.ts";
import { createLimiter } from "./limiter.ts";
import { createLoudness } from "./loudness.ts";
import type { Stage } from "./stage.ts";

export interface VolumeOptions {
  /** In dB. */
  volume: number;
  /** In LUFS, integrated; null leaves it as it is. */
  loudness: number | null;
}

/**
 * Makes sound louder or softer without clipping it. What has a loudness to come to gets the volume on top of that.
 * Changes nothing where nothing is asked for.
 */
export function createVolume(sampleRate: number, { volume, loudness }: VolumeOptions): Stage {
  if (loudness !== null) return createLoudness(sampleRate, loudness + volume);
  if (volume === 0) return identity;
  return chain(createGain(volume), createLimiter(sampleRate));
}
