/**
 * How long a text takes to say, by what it is made of. What that is, is the same for every voice; how long each of it
 * takes is the voice's own.
 */

/** Seconds, each of at least 0. */
export interface SpeakingPace {
  /** Whatever the text. */
  base: number;
  ideograph: number;
  /** One of Korean, which is written as one letter. */
  syllable: number;
  kana: number;
  /** A letter of a word. */
  letter: number;
  /** A letter that is called by its name. */
  name: number;
  /** A letter whose name has several words: W, in English, Spanish and Portuguese. */
  longName: number;
  /** A digit, which in "77" or "1987" takes a word or two, or a sign that is read out: %, +, €, emoji. */
  sign: number;
  /** A comma, a full stop, a line end or the like. */
  pause: number;
}

/** How many of each there are. */
type SpeakingUnits = Record<Exclude<keyof SpeakingPace, "base">, number>;

const ideograph = /\p{Script=Han}/gu;
const syllable = /\p{Script=Hangul}/gu;
const kana = /[\p{Script=Hiragana}\p{Script=Katakana}]/gu;
/** Any of them. */
const spokenAlone = /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}]/gu;
const word = /\p{L}[\p{L}\p{M}'’]*/gu;
const letter = /\p{L}/gu;
const vowel = /[aeiouyæœøαεηιουωаеёиоуыэюя]/iu;
const longName = /w/giu;
/** "USA", "HTTPS", "ABCDEFGH": capitals that are few, or hardly to be read as a word. */
const initials = /^(?:\p{Lu}{2,5}|\p{Lu}*[B-DF-HJ-NP-TV-Z]{4}\p{Lu}*)$/u;
const sign = /[\p{N}\p{S}%&@#*/\\§_]/gu;
const pauses = /[.,;:!?…、。，；：！？\n]/gu;

/** Counts what a text is made of. */
export function speakingUnits(text: string): SpeakingUnits {
  const letters = count(text, letter) - count(text, spokenAlone);
  const spelled = spelledWords(text);
  const names = count(spelled, letter);
  const longNames = count(spelled, longName);
  return {
    ideograph: count(text, ideograph),
    syllable: count(text, syllable),
    kana: count(text, kana),
    letter: letters - names,
    name: names - longNames,
    longName: longNames,
    sign: count(text, sign),
    pause: count(text, pauses),
  };
}

/** Seconds that a text takes at this pace. */
export function secondsToSay(text: string, { base, ...pace }: SpeakingPace): number {
  const units = speakingUnits(text);
  return (Object.keys(pace) as (keyof SpeakingUnits)[]).reduce(
    (seconds, unit) => seconds + pace[unit] * units[unit],
    base,
  );
}

/** The words that are no words but letters, called by their names. */
function spelledWords(text: string): string {
  const words = text.replace(spokenAlone, " ").match(word) ?? [];
  return words
    .filter((word) => initials.test(word) || !vowel.test(word.normalize("NFD")))
    .join(" ");
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}
