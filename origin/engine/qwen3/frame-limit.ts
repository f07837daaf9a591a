/**
 * A ceiling on how long a text may take to say. A model that misses its end would go on for minutes, and one in some
 * hundred utterances does (QwenLM/Qwen3-TTS issue 118).
 */

const baseSeconds = 3;
const secondsPerIdeograph = 0.5;
const secondsPerLetter = 0.15;
const secondsPerDigit = 0.6;
/** Commas, full stops, line ends and their like. */
const secondsPerBreak = 0.5;

const ideograph = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/gu;

/** Seconds of speech that a text cannot reasonably exceed. */
export function longestSeconds(text: string): number {
  const count = (pattern: RegExp) => text.match(pattern)?.length ?? 0;
  const ideographs = count(ideograph);
  const letters = count(/\p{L}/gu) - ideographs;
  return (
    baseSeconds +
    secondsPerIdeograph * ideographs +
    secondsPerLetter * letters +
    secondsPerDigit * count(/\p{N}/gu) +
    secondsPerBreak * count(/[.,;:!?…、。，；：！？\n]/gu)
  );
}
