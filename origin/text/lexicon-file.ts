import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { type Language, languages, parseLanguage } from "../../shared/languages.ts";
import { composedLexicon, findLexiconProblem, type Lexicon } from "../../shared/lexicon-rules.ts";

/** How an origin says words, whatever the request. */
export interface LexiconFile {
  /** Names what is in it: the same entries have the same. Eight hexadecimal digits. */
  readonly digest: string;
  /** The entries for texts in each language. */
  readonly entries: Readonly<Record<Language, Lexicon>>;
}

/** Of one language, as of the file. */
export const maxFileEntries = 1000;

/**
 * Reads a lexicon of JSON: `{"word": "respelling"}`, and entries of one language alone under its name or tag, `{"de":
 * {"word": "respelling"}}`, which win over the others. Throws an Error that says what is wrong with it.
 */
export function readLexiconFile(path: string): LexiconFile {
  const words: [string, unknown][] = [];
  const apart = new Map<Language, Record<string, unknown>>();
  for (const [name, value] of Object.entries(objectOf(parse(readFileSync(path, "utf8"))))) {
    if (typeof value !== "object" || value === null) {
      words.push([name, value]);
      continue;
    }
    const language = parseLanguage(name);
    if (language === undefined || language === "auto") {
      throw new Error(
        `must have a respelling for each word, or words for one of ${languages.join(", ")}; got ${JSON.stringify(name)}`,
      );
    }
    apart.set(language, { ...apart.get(language), ...objectOf(value) });
  }
  const common = Object.fromEntries(words);
  const entries = Object.fromEntries(
    languages.map((language) => [language, checked({ ...common, ...apart.get(language) })]),
  ) as Record<Language, Lexicon>;
  const digest = createHash("sha256").update(JSON.stringify(entries)).digest("hex").slice(0, 8);
  return { digest, entries };
}

/** The entries of a request, and those of the file for words that the request has none for, in whatever case. */
export function withFileEntries(lexicon: Lexicon | null, fromFile: Lexicon): Lexicon {
  const asked = new Set(Object.keys(lexicon ?? {}).map((word) => word.toLowerCase()));
  const others = Object.entries(fromFile).filter(([word]) => !asked.has(word.toLowerCase()));
  return { ...Object.fromEntries(others), ...lexicon };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`must be a file of JSON: ${reason}`, { cause });
  }
}

function objectOf(value: unknown): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new Error("must hold a JSON object of words and their respellings");
}

function checked(entries: Record<string, unknown>): Lexicon {
  const problem = findLexiconProblem(entries, maxFileEntries);
  if (problem) throw new Error(problem);
  // Strings alone, as has just been seen.
  return composedLexicon(entries as Lexicon) ?? {};
}
