import { eld } from "eld/extrasmall";
import { type Language, languageTags, parseLanguage } from "../../shared/languages.ts";
import { type LatinLanguage, languagesOfWord, ownLetters } from "./common-words.ts";

const latinLanguages = [
  "english",
  "german",
  "italian",
  "portuguese",
  "spanish",
  "french",
] as const satisfies Language[];

eld.setLanguageSubset(latinLanguages.map((language) => languageTags[language]));

/** One of these says about as much as three letters of an alphabet. */
const lettersPerSyllable = 3;
/** With fewer words, the statistics of letters are chance: "Camera on" looks French. */
const leastWords = 4;

/**
 * The one of the ten languages that a text is clearly in: by its script, and among the six written in Latin letters by
 * common words, by letters that only one has, and of longer texts by the frequencies of letter sequences. Undefined where
 * that does not tell, as of a name or of bare digits.
 */
export function guessLanguage(text: string): Language | undefined {
  const count = (letters: RegExp) => text.match(letters)?.length ?? 0;
  const kana = count(/[\p{Script=Hiragana}\p{Script=Katakana}]/gu);
  const han = count(/\p{Script=Han}/gu);
  const weights: [Language | "latin", number][] = [
    ["latin", count(/\p{Script=Latin}/gu)],
    ["russian", count(/\p{Script=Cyrillic}/gu)],
    ["korean", count(/\p{Script=Hangul}/gu) * lettersPerSyllable],
    [kana > 0 ? "japanese" : "chinese", (kana + han) * lettersPerSyllable],
  ];
  const [script, weight] = weights.reduce((most, next) => (next[1] > most[1] ? next : most));
  if (weight === 0) return undefined;
  return script === "latin" ? guessLatin(text) : script;
}

function guessLatin(text: string): Language | undefined {
  const words = text.toLowerCase().match(/\p{L}[\p{L}\p{M}]*/gu) ?? [];
  const scores = latinLanguages
    .map((language) => ({ language, score: scoreOf(language, words, text) }))
    .sort((a, b) => b.score - a.score);
  const [first, second] = scores;
  if (first && first.score > (second?.score ?? 0)) return first.language;
  if (words.length < leastWords) return undefined;
  const guess = eld.detect(text);
  const language = guess.isReliable() ? parseLanguage(guess.language) : undefined;
  return language === "auto" ? undefined : language;
}

/** How much of a text is of a language alone, or nearly. */
function scoreOf(language: LatinLanguage, words: readonly string[], text: string): number {
  let score = 2 * (text.match(ownLetters[language])?.length ?? 0);
  for (const word of words) {
    const shared = languagesOfWord.get(word) ?? [];
    if (shared.includes(language)) score += 1 / shared.length;
  }
  return score;
}
