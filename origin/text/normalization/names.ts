import type { Language } from "../../../shared/languages.ts";
import { inWords, ordinalInWords } from "./numbers.ts";
import type { Rule } from "./rule.ts";
import { claimEach } from "./rule.ts";

/** What is numbered by Roman numerals, as a number. */
const numbered: Partial<Record<Language, string>> = {
  english: "Chapter|Part|Act|Scene|Volume|Book|World War|Phase|Section",
  german: "Kapitel|Teil|Akt|Band|Buch|Phase|Abschnitt",
  french: "[Cc]hapitre|[Pp]artie|[Aa]cte|[Tt]ome|[Vv]olume|[Ll]ivre",
  italian: "[Cc]apitolo|[Pp]arte|[Aa]tto|[Vv]olume|[Ll]ibro",
  spanish: "[Cc]apítulo|[Pp]arte|[Aa]cto|[Tt]omo|[Vv]olumen|[Ll]ibro|[Ss]iglo",
  portuguese: "[Cc]apítulo|[Pp]arte|[Aa]to|[Tt]omo|[Vv]olume|[Ll]ivro|[Ss]éculo",
  russian: "[Гг]лава|[Чч]асть|[Тт]ом",
};

/** Names that rulers had, of whom several had one. */
const rulers: Partial<Record<Language, string>> = {
  english:
    "Louis|Henry|Charles|Elizabeth|George|William|Edward|Richard|James|Philip|Pius|Francis|Frederick|Nicholas|Alexander|Napoleon|Leo|Benedict|Paul",
  german:
    "Ludwig|Heinrich|Karl|Friedrich|Wilhelm|Otto|Elisabeth|Georg|Philipp|Pius|Franz|Nikolaus|Alexander|Napoleon|Leo|Benedikt|Paul|Katharina",
  french: "Louis|Henri|Charles|Élisabeth|François|Philippe|Napoléon|Pie|Léon|Benoît|Paul|Nicolas",
  italian:
    "Luigi|Enrico|Carlo|Vittorio Emanuele|Filippo|Napoleone|Pio|Leone|Benedetto|Paolo|Giorgio",
  spanish: "Luis|Enrique|Carlos|Felipe|Alfonso|Fernando|Napoleón|Pío|León|Benedicto|Pablo|Jorge",
  portuguese: "Luís|Henrique|Carlos|Filipe|Afonso|Pedro|João|Napoleão|Pio|Leão|Bento|Paulo",
  russian: "Людовик|Генрих|Карл|Филипп|Николай|Александр|Пётр|Наполеон|Павел|Георг",
};

const values: Readonly<Record<string, number>> = { I: 1, V: 5, X: 10 };

/** I to XXXIX; null for what is written otherwise. */
function readRoman(numeral: string): number | null {
  if (!/^X{0,3}(?:IX|IV|V?I{0,3})$/.test(numeral) || numeral === "") return null;
  const digits = Array.from(numeral, (letter) => values[letter] ?? 0);
  return digits.reduce(
    (sum, digit, at) => sum + (digit < (digits[at + 1] ?? 0) ? -digit : digit),
    0,
  );
}

const patterns = new Map<Language, RegExp>();

function romanPattern(language: Language): RegExp | undefined {
  const things = numbered[language];
  if (things === undefined) return undefined;
  const known =
    patterns.get(language) ??
    new RegExp(
      `(?<![\\p{L}\\p{N}-])(?:(?<thing>${things})|(?<ruler>${rulers[language]})) (?<numeral>[IVX]{1,7})(?![\\p{L}\\p{N}'’-]|\\.\\p{L})`,
      "gu",
    );
  patterns.set(language, known);
  return known;
}

/**
 * Roman numerals to 39 after what is numbered by them ("Chapter IV", "siglo XIX") or after the name of a ruler ("Louis XIV"):
 * by themselves they are letters. A single letter is read after the former alone; "I" of a ruler may be a pronoun.
 * In Chinese, Japanese and Korean nobody writes them so.
 */
export const romanRule: Rule = (text, language) => {
  const pattern = romanPattern(language);
  if (!pattern) return [];
  return claimEach(text, pattern, ({ groups }) => {
    const { thing, ruler, numeral = "" } = groups ?? {};
    const value = readRoman(numeral);
    if (value === null || (numeral.length === 1 && (ruler !== undefined || numeral === "I")))
      return null;
    const cardinal = inWords(String(value), language);
    if (thing !== undefined) return `${thing} ${cardinal}`;
    return `${ruler} ${rulersNumber(value, language) ?? cardinal}`;
  });
};

/** Null where a ruler's number is a cardinal. */
function rulersNumber(value: number, language: Language): string | null {
  const ordinal = ordinalInWords(String(value), language);
  switch (language) {
    case "english":
      return `the ${ordinal}`;
    case "german":
      return `der ${ordinal?.replace(/^./, (letter) => letter.toUpperCase())}`;
    case "italian":
    case "russian":
      return ordinal;
    case "spanish":
    case "portuguese":
      return value <= 10 ? ordinal : null;
    default:
      return null;
  }
}

/** Abbreviations of one meaning. `^` marks those that belong to a name, `#` those that belong to a number behind them. */
const abbreviations: Partial<Record<Language, Readonly<Record<string, string>>>> = {
  english: {
    "Dr.^": "Doctor",
    "Mr.^": "Mister",
    "Mrs.^": "Missus",
    "Prof.^": "Professor",
    "e.g.": "for example",
    "i.e.": "that is",
    "etc.": "et cetera",
    "vs.": "versus",
    "approx.": "approximately",
    "No.#": "number",
  },
  german: {
    "Dr.^": "Doktor",
    "Prof.^": "Professor",
    "Hr.^": "Herr",
    "Fr.^": "Frau",
    "z. B.": "zum Beispiel",
    "z.B.": "zum Beispiel",
    "d. h.": "das heißt",
    "d.h.": "das heißt",
    "u. a.": "unter anderem",
    "u.a.": "unter anderem",
    "usw.": "und so weiter",
    "bzw.": "beziehungsweise",
    "ca.": "circa",
    "vgl.": "vergleiche",
    "Nr.#": "Nummer",
  },
  french: {
    "M.^": "Monsieur",
    "Mme^": "Madame",
    "Mlle^": "Mademoiselle",
    "Dr^": "Docteur",
    "p. ex.": "par exemple",
    "p.ex.": "par exemple",
    "c.-à-d.": "c'est-à-dire",
    "etc.": "et cetera",
    "n°#": "numéro",
  },
  italian: {
    "Sig.^": "signor",
    "Sig.ra^": "signora",
    "Dott.^": "dottor",
    "Prof.^": "professor",
    "p. es.": "per esempio",
    "p.es.": "per esempio",
    "ad es.": "ad esempio",
    "ecc.": "eccetera",
    "n.#": "numero",
  },
  spanish: {
    "Sr.^": "señor",
    "Sra.^": "señora",
    "Dr.^": "doctor",
    "Dra.^": "doctora",
    "p. ej.": "por ejemplo",
    "EE. UU.": "Estados Unidos",
    "EE.UU.": "Estados Unidos",
    "etc.": "etcétera",
    "núm.#": "número",
  },
  portuguese: {
    "Sr.^": "senhor",
    "Sra.^": "senhora",
    "Dr.^": "doutor",
    "Dra.^": "doutora",
    "p. ex.": "por exemplo",
    "etc.": "et cetera",
    "n.º#": "número",
    "nº#": "número",
  },
  russian: {
    "т. е.": "то есть",
    "т.е.": "то есть",
    "и т. д.": "и так далее",
    "и т.д.": "и так далее",
    "и т. п.": "и тому подобное",
    "и т.п.": "и тому подобное",
    "т. к.": "так как",
    "т.к.": "так как",
    "№#": "номер",
  },
};

interface AbbreviationPattern {
  pattern: RegExp;
  meanings: ReadonlyMap<string, string>;
}

const abbreviationPatterns = new Map<Language, AbbreviationPattern>();

function abbreviationPattern(language: Language): AbbreviationPattern | undefined {
  const table = abbreviations[language];
  if (!table) return undefined;
  const known = abbreviationPatterns.get(language);
  if (known) return known;
  const escaped = (word: string) => word.replace(/[.]/g, "\\.");
  const forms = Object.keys(table)
    .sort((a, b) => b.length - a.length)
    .map((key) => {
      const word = escaped(key.replace(/[\^#]$/, ""));
      if (key.endsWith("^")) return `${word}(?= \\p{Lu})`;
      return key.endsWith("#") ? `${word}(?= ?\\d)` : `${word}(?![\\p{L}\\p{N}])`;
    });
  const meanings = new Map(
    Object.entries(table).map(([key, meaning]) => [key.replace(/[\^#]$/, ""), meaning]),
  );
  const made = {
    pattern: new RegExp(`(?<![\\p{L}\\p{N}.-])(?:${forms.join("|")})`, "gu"),
    meanings,
  };
  abbreviationPatterns.set(language, made);
  return made;
}

/** Abbreviations that mean one thing. One that ends a sentence leaves its full stop. */
export const abbreviationRule: Rule = (text, language) => {
  const known = abbreviationPattern(language);
  if (!known) return [];
  return claimEach(text, known.pattern, ({ 0: written, index }) => {
    const meaning = known.meanings.get(written);
    if (meaning === undefined) return null;
    const after = text.slice(index + written.length, index + written.length + 3);
    if (/^ ?\d/.test(after)) return after.startsWith(" ") ? meaning : `${meaning} `;
    const isTitle = /^ \p{Lu}/u.test(after) && known.meanings.get(written) !== undefined;
    const endsSentence = written.endsWith(".") && /^(?:\s*$|\n| \p{Lu})/u.test(after);
    return endsSentence && !(isTitle && isBeforeName(written, language)) ? `${meaning}.` : meaning;
  });
};

function isBeforeName(written: string, language: Language): boolean {
  const table = abbreviations[language] ?? {};
  return (
    Object.hasOwn(table, `${written}^`) ||
    /^(?:e\.g\.|i\.e\.|z\. ?B\.|d\. ?h\.|p\. ?ex\.|p\. ?ej\.|p\. ?es\.|ad es\.|vgl\.|bzw\.|ca\.|vs\.|approx\.|u\. ?a\.|EE\. ?UU\.|т\. ?[ек]\.)$/.test(
      written,
    )
  );
}
