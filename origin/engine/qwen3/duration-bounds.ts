/**
 * How long a text may take to say. A model that misses its end goes on for minutes, and one utterance in some hundred
 * does (QwenLM/Qwen3-TTS issue 118), so speech is cut at twice the usual pace and some seconds. A closer ceiling would cut
 * speech that is meant to be slow (Blaizzy/mlx-audio pull request 695).
 */

const baseSeconds = 3;
const secondsPerIdeograph = 0.5;
const secondsPerLetter = 0.15;
/** A letter that is called by its name, and W, which in English, Spanish and Portuguese has two words for one. */
const secondsPerName = 0.5;
const secondsPerLongName = 1;
/** Digits, which in "77" or "1987" take a word or two each, and signs that are read out: %, +, €, emoji. */
const secondsPerSign = 1.2;
/** Commas, full stops, line ends and their like. */
const secondsPerBreak = 0.5;

/** How much longer than usual the ceiling allows. */
const slowest = 2;
/** How much faster than usual a text could be said: this is 50 letters a second, beyond the fastest speakers. */
const fastest = 4;

const ideograph = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/gu;
const word = /\p{L}[\p{L}\p{M}'’]*/gu;
const letter = /\p{L}/gu;
const vowel = /[aeiouyæœøαεηιουωаеёиоуыэюя]/iu;
const longName = /w/giu;
/** "USA", "HTTPS", "ABCDEFGH": capitals that are few, or hardly to be read as a word. */
const initials = /^(?:\p{Lu}{2,5}|\p{Lu}*[B-DF-HJ-NP-TV-Z]{4}\p{Lu}*)$/u;
const sign = /[\p{N}\p{S}%&@#*/\\§_]/gu;
const breaks = /[.,;:!?…、。，；：！？\n]/gu;

/** Seconds of speech, all at the slowest pace. The factors are what espeak-ng takes in the ten languages, at most. */
function measure(text: string) {
  const ideographs = count(text, ideograph);
  const letters = secondsPerLetter * (count(text, letter) - ideographs);
  return {
    words: secondsPerIdeograph * ideographs + letters,
    /** What it takes longer to spell what may be spelled. */
    spelling: spellingSeconds(text),
    signs: secondsPerSign * count(text, sign),
    pauses: secondsPerBreak * count(text, breaks),
  };
}

/** The words that are no words but letters, by their names. Ideographs are none of them. */
function spelledWords(text: string): string {
  const words = text.replace(ideograph, " ").match(word) ?? [];
  return words
    .filter((word) => initials.test(word) || !vowel.test(word.normalize("NFD")))
    .join(" ");
}

/** How many letters are likely to be called by their names, and how many digits and signs to be read out. */
export function countNames(text: string): { letters: number; signs: number } {
  return { letters: count(spelledWords(text), letter), signs: count(text, sign) };
}

function spellingSeconds(text: string): number {
  const spelled = spelledWords(text);
  const [letters, long] = [count(spelled, letter), count(spelled, longName)];
  return secondsPerName * (letters - long) + secondsPerLongName * long - secondsPerLetter * letters;
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}

/** Seconds of speech that a text cannot reasonably exceed. */
export function longestSeconds(text: string): number {
  const { words, spelling, signs, pauses } = measure(text);
  return baseSeconds + words + spelling + signs + pauses;
}

/** Seconds that a text takes at the usual pace. */
export function expectedSeconds(text: string): number {
  const { words, spelling, signs, pauses } = measure(text);
  return (words + spelling + signs + pauses) / slowest;
}

/**
 * Seconds below which a text cannot have been said. Signs may stay unsaid, and capitals be read as a word, so they count
 * for nothing more here.
 */
export function shortestSeconds(text: string): number {
  return measure(text).words / slowest / fastest;
}
