import { type Language, languages } from "../../../shared/languages.ts";

/** A stretch of an utterance, and the language it is read in. */
export interface Stretch {
  text: string;
  language: Language;
}

/** The letters of each script, by the language that reads it where another's voice cannot. */
const letters = {
  chinese: String.raw`\p{Script=Han}`,
  japanese: String.raw`[\p{Script=Hiragana}\p{Script=Katakana}]`,
  korean: String.raw`\p{Script=Hangul}`,
  russian: String.raw`\p{Script=Cyrillic}`,
  english: String.raw`\p{Script=Latin}`,
} as const satisfies Partial<Record<Language, string>>;

/**
 * Cuts a text where its script changes to one that espeak-ng's voice for the language cannot read, such as Chinese
 * characters in a Japanese text: it would say "Chinese letter" for each. Such a stretch gets the language of its
 * script. Joined, the stretches are the text.
 */
export function* stretches(text: string, language: Language): Generator<Stretch> {
  let start = 0;
  for (const match of text.matchAll(foreignTo(language))) {
    if (match.index > start) yield { text: text.slice(start, match.index), language };
    const foreign = languages.find((name) => match.groups?.[name]) ?? language;
    yield { text: match[0], language: foreign };
    start = match.index + match[0].length;
  }
  if (start < text.length) yield { text: text.slice(start), language };
}

/** Finds runs of letters the language cannot read, with what is between and after them. */
function foreignTo(language: Language): RegExp {
  const canReadLatin = language !== "japanese";
  const runs = Object.entries(letters)
    .filter(([reader]) => reader !== language && !(reader === "english" && canReadLatin))
    .map(([reader, letter]) => String.raw`(?<${reader}>${letter}(?:${letter}|[\s\p{P}\p{M}])*)`);
  return new RegExp(runs.join("|"), "gu");
}
