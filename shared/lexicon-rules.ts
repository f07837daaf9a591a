/** How words are to be said: each word as it is written, and what is spoken in its place. */
export type Lexicon = Readonly<Record<string, string>>;

export const maxLexiconEntries = 200;
/** In Unicode code points, as all lengths here. */
export const maxWordLength = 64;
export const maxRespellingLength = 256;

/** The rule that a lexicon breaks, in words that follow its name; undefined where it breaks none. */
export function findLexiconProblem(
  entries: Readonly<Record<string, unknown>>,
  maxEntries = maxLexiconEntries,
): string | undefined {
  const words = Object.keys(entries);
  if (words.length > maxEntries) {
    return `must have at most ${maxEntries} entries; it has ${words.length}`;
  }
  // To libraries that copy objects this is none of their fields: the word would be lost on the way.
  if (words.includes("__proto__")) return 'must have no word that is "__proto__"';
  for (const word of words) {
    const length = lengthOf(word);
    if (length > maxWordLength) {
      const name = JSON.stringify(`${Array.from(word).slice(0, 16).join("")}…`);
      return `must have words of at most ${maxWordLength} characters; ${name} has ${length}`;
    }
    const name = JSON.stringify(word);
    if (word.trim() === "") return `must have words with something in them; got ${name}`;
    const respelling = entries[word];
    if (typeof respelling !== "string") {
      return `must have a string for each word; that of ${name} is ${kindOf(respelling)}`;
    }
    const size = lengthOf(respelling);
    if (size > maxRespellingLength) {
      return `must have respellings of at most ${maxRespellingLength} characters; that of ${name} has ${size}`;
    }
  }
  return undefined;
}

/** In one order and form of Unicode, whatever they were sent in; null where there are none. */
export function composedLexicon(entries: Lexicon | null | undefined): Lexicon | null {
  const composed = Object.entries(entries ?? {}).map(
    ([word, respelling]) => [word.normalize("NFC"), respelling.normalize("NFC")] as const,
  );
  composed.sort(([a], [b]) => (a < b ? -1 : 1));
  return composed.length === 0 ? null : Object.fromEntries(composed);
}

function lengthOf(text: string): number {
  return Array.from(text).length;
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value)
    ? "an array"
    : `${typeof value === "object" ? "an" : "a"} ${typeof value}`;
}
