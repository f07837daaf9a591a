/**
 * The silence that a model begins with. The codec starts from nothing, so the first frame or two of some voices are silent
 * in every take: 80 ms each in which a listener waits for nothing. How many, the self-test of a pack has measured.
 */
import { isSound } from "../../audio/silence.ts";
import type { Manifest } from "../../model/pack/manifest.ts";
import type { Utterance } from "../engine.ts";

/** Cuts what nobody hears at the beginning of an utterance. */
export interface LeadingSilence {
  /** Returns what is left of the next samples. */
  push(pcm: Float32Array): Float32Array;
}

/** Whether anything of such a pack is cut. */
export function isLeadingSilenceCut({ self_test: test }: Pick<Manifest, "self_test">): boolean {
  if (process.env.LEADING_SILENCE === "keep") return false;
  return Object.values(test?.leading_silent_frames ?? {}).some((frames) => frames > 0);
}

/**
 * How many frames of an utterance are silent in every take, by its voice: 0 where that is not known. Neither is it of other
 * sampling than the model's own, and of instructions.
 */
export function leadingSilentFrames(
  { self_test: test }: Pick<Manifest, "self_test">,
  { speaker, sampling, instructions }: Pick<Utterance, "speaker" | "sampling" | "instructions">,
): number {
  const isDefault = Object.values(sampling).every((value) => value === undefined);
  if (speaker === null || instructions !== null || !isDefault) return 0;
  return test?.leading_silent_frames?.[speaker.toLowerCase()] ?? 0;
}

/** Cuts up to so many whole frames, and none from the first on that can be heard: no take loses a sound. */
export function createLeadingSilence(frames: number, samplesPerFrame: number): LeadingSilence {
  let left = frames;
  return {
    push(pcm) {
      let from = 0;
      for (; left > 0 && from + samplesPerFrame <= pcm.length; left--) {
        if (pcm.subarray(from, from + samplesPerFrame).some(isSound)) left = 0;
        if (left === 0) break;
        from += samplesPerFrame;
      }
      return pcm.subarray(from);
    },
  };
}

/** How many whole frames of a take are silent before the first that is not. */
export function countSilentFrames(pcm: Float32Array, samplesPerFrame: number): number {
  const first = pcm.findIndex(isSound);
  return Math.floor((first < 0 ? pcm.length : first) / samplesPerFrame);
}
