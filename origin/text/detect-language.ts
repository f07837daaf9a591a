import { eld } from "eld/extrasmall";
import { type Language, languageTags, parseLanguage } from "../../shared/languages.ts";

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

/**
 * Guesses which of the ten languages a text is in: by its script, and among the six written in Latin letters by its
 * letter sequences. What stays unclear is taken for English.
 */
export function detectLanguage(text: string): Language {
  const count = (letters: RegExp) => text.match(letters)?.length ?? 0;
  const kana = count(/[\p{Script=Hiragana}\p{Script=Katakana}]/gu);
  const han = count(/\p{Script=Han}/gu);
  const weights: [Language | "latin", number][] = [
    ["latin", count(/\p{Script=Latin}/gu)],
    ["russian", count(/\p{Script=Cyrillic}/gu)],
    ["korean", count(/\p{Script=Hangul}/gu) * lettersPerSyllable],
    [kana > 0 ? "japanese" : "chinese", (kana + han) * lettersPerSyllable],
  ];
  const [script] = weights.reduce((most, next) => (next[1] > most[1] ? next : most));
  return script === "latin" ? detectLatin(text) : script;
}

function detectLatin(text: string): Language {
  const guess = eld.detect(text);
  const isOneWord = !/\p{L}\P{L}+\p{L}/u.test(text);
  if (isOneWord && !guess.isReliable()) return "english";
  const language = parseLanguage(guess.language);
  return language && language !== "auto" ? language : "english";
}
