/**
 * How long a text may take to say. A model that misses its end goes on for minutes, and one utterance in some hundred
 * does (QwenLM/Qwen3-TTS issue 118), so speech is cut at twice the usual pace and some seconds. A closer ceiling would cut
 * speech that is meant to be slow (Blaizzy/mlx-audio pull request 695).
 */
import { type SpeakingPace, secondsToSay } from "../../text/speaking-pace.ts";

/** How much longer than usual the ceiling allows. */
const slowest = 2;
/** How much faster than usual a text could be said: this is 50 letters a second, beyond the fastest speakers. */
const fastest = 4;

/** What a text cannot reasonably exceed. It leaves room for all that espeak-ng takes in the ten languages, at most. */
export const slowestPace: SpeakingPace = {
  base: 3,
  ideograph: 0.5,
  syllable: 0.5,
  kana: 0.5,
  letter: 0.15,
  name: 0.5,
  longName: 1,
  sign: 1.2,
  pause: 0.5,
};

export const usualPace: SpeakingPace = { ...times(slowestPace, 1 / slowest), base: 0 };

const { letter, ...words } = times(usualPace, 1 / fastest);

/** Signs may stay unsaid, and capitals be read as a word, so they count for nothing more here. */
const fastestPace: SpeakingPace = {
  ...words,
  letter,
  name: letter,
  longName: letter,
  sign: 0,
  pause: 0,
};

/** Seconds of speech that a text cannot reasonably exceed. */
export function longestSeconds(text: string): number {
  return secondsToSay(text, slowestPace);
}

/** Seconds that a text takes at the usual pace. */
export function expectedSeconds(text: string): number {
  return secondsToSay(text, usualPace);
}

/** Seconds below which a text cannot have been said. */
export function shortestSeconds(text: string): number {
  return secondsToSay(text, fastestPace);
}

function times(pace: SpeakingPace, factor: number): SpeakingPace {
  return {
    base: factor * pace.base,
    ideograph: factor * pace.ideograph,
    syllable: factor * pace.syllable,
    kana: factor * pace.kana,
    letter: factor * pace.letter,
    name: factor * pace.name,
    longName: factor * pace.longName,
    sign: factor * pace.sign,
    pause: factor * pace.pause,
  };
}
