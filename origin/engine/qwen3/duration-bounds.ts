/**
 * How long a text may take to say. A model that misses its end goes on for minutes, and one utterance in some hundred
 * does (QwenLM/Qwen3-TTS issue 118), so speech is cut at twice the usual pace and some seconds. A closer ceiling would cut
 * speech that is meant to be slow (Blaizzy/mlx-audio pull request 695).
 */

const baseSeconds = 3;
const secondsPerIdeograph = 0.5;
const secondsPerLetter = 0.15;
/** Digits, and signs that are read out as words: %, +, €, emoji. */
const secondsPerSign = 0.6;
/** Commas, full stops, line ends and their like. */
const secondsPerBreak = 0.5;

/** How much longer than usual the ceiling allows. */
const slowest = 2;
/** How much faster than usual a text could be said: this is 50 letters a second, beyond the fastest speakers. */
const fastest = 4;

const ideograph = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/gu;
const letter = /\p{L}/gu;
const sign = /[\p{N}\p{S}%&@#*/\\§]/gu;
const breaks = /[.,;:!?…、。，；：！？\n]/gu;

/** Seconds of speech, all at the slowest pace. */
function measure(text: string) {
  const count = (pattern: RegExp) => text.match(pattern)?.length ?? 0;
  const ideographs = count(ideograph);
  return {
    words: secondsPerIdeograph * ideographs + secondsPerLetter * (count(letter) - ideographs),
    signs: secondsPerSign * count(sign),
    pauses: secondsPerBreak * count(breaks),
  };
}

/** Seconds of speech that a text cannot reasonably exceed. */
export function longestSeconds(text: string): number {
  const { words, signs, pauses } = measure(text);
  return baseSeconds + words + signs + pauses;
}

/** Seconds that a text takes at the usual pace. */
export function expectedSeconds(text: string): number {
  const { words, signs, pauses } = measure(text);
  return (words + signs + pauses) / slowest;
}

/** Seconds below which a text cannot have been said. Signs may stay unsaid, so they count for nothing here. */
export function shortestSeconds(text: string): number {
  return measure(text).words / slowest / fastest;
}
