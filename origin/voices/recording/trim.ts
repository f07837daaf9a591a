/**
 * Where speech begins and ends in a whole recording. Unlike what an engine says, it has a room behind it: silence is what
 * is far below the speech and no more than the room makes.
 */

import { frameSamples, percentile, speechLevel } from "./levels.ts";

/** Kept on both sides: quiet onsets such as h and f, and the last of what fades. */
const marginFrames = 10;

/** Below the speech. The quietest consonants are 30 dB below the loudest vowels. */
const silenceBelowSpeech = 40;

/** Above the room, whose level varies. */
const aboveRoom = 6;

/** At least so far below the speech what is in doubt is kept. */
const certainBelowSpeech = 15;

/** A click is shorter, a syllable never. */
const shortestSoundFrames = 3;

/** The samples of speech with 100 ms on either side of it; none of a recording without frames that sound. */
export function trimToSpeech(samples: Float32Array, levels: Float32Array): Float32Array {
  const speech = speechLevel(levels);
  const room = percentile(levels, 0.05);
  const limit = Math.max(
    speech - silenceBelowSpeech,
    Math.min(room + aboveRoom, speech - certainBelowSpeech),
  );
  const sounds = (frame: number, step: 1 | -1): boolean => {
    for (let i = 0; i < shortestSoundFrames; i++) {
      if (!((levels[frame + i * step] ?? Number.NEGATIVE_INFINITY) > limit)) return false;
    }
    return true;
  };
  const first = levels.findIndex((_, frame) => sounds(frame, 1));
  const last = levels.findLastIndex((_, frame) => sounds(frame, -1));
  if (first < 0) return samples.subarray(0, 0);
  return samples.slice(
    Math.max(0, first - marginFrames) * frameSamples,
    (last + 1 + marginFrames) * frameSamples,
  );
}
