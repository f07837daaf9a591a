import type { Language } from "../../../shared/languages.ts";

/** A stretch of an utterance, and the language it is read in. */
export interface Stretch {
  text: string;
  language: Language;
}

interface Script {
  letter: string;
  /** Reads the script where the utterance's own language cannot. */
  language: Language;
  canRead(language: Language): boolean;
}

const scripts: readonly Script[] = [
  { letter: String.raw`\p{Script=Han}`, language: "chinese", canRead: (by) => by === "chinese" },
  {
    letter: String.raw`[\p{Script=Hiragana}\p{Script=Katakana}]`,
    language: "japanese",
    canRead: (by) => by === "japanese",
  },
  { letter: String.raw`\p{Script=Hangul}`, language: "korean", canRead: (by) => by === "korean" },
  {
    letter: String.raw`\p{Script=Cyrillic}`,
    language: "russian",
    canRead: (by) => by === "russian",
  },
  { letter: String.raw`\p{Script=Latin}`, language: "english", canRead: (by) => by !== "japanese" },
];

/**
 * Cuts a text where its script changes to one that espeak-ng's voice for the language cannot read, such as Chinese
 * characters in a Japanese text: it would say "Chinese letter" for each. Such a stretch gets the language of its
 * script. Joined, the stretches are the text.
 */
export function* stretches(text: string, language: Language): Generator<Stretch> {
  let start = 0;
  for (const match of text.matchAll(foreignTo(language))) {
    if (match.index > start) yield { text: text.slice(start, match.index), language };
    const [foreign] = Object.keys(match.groups ?? {}).filter((name) => match.groups?.[name]);
    yield { text: match[0], language: foreign as Language };
    start = match.index + match[0].length;
  }
  if (start < text.length) yield { text: text.slice(start), language };
}

/** Finds runs of letters the language cannot read, with what is between and after them. */
function foreignTo(language: Language): RegExp {
  const runs = scripts
    .filter((script) => !script.canRead(language))
    .map(
      ({ letter, language }) => String.raw`(?<${language}>${letter}(?:${letter}|[\s\p{P}\p{M}])*)`,
    );
  return new RegExp(runs.join("|"), "gu");
}
