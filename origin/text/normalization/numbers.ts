import * as german from "n2words/de-DE";
import * as english from "n2words/en-US";
import * as spanish from "n2words/es-ES";
import * as french from "n2words/fr-FR";
import * as italian from "n2words/it-IT";
import * as japanese from "n2words/ja-JP";
import * as korean from "n2words/ko-KR";
import * as portuguese from "n2words/pt-PT";
import * as russian from "n2words/ru-RU";
import * as chinese from "n2words/zh-Hans-CN";
import type { Language } from "../../../shared/languages.ts";

export type Gender = "masculine" | "feminine";

interface Speaker {
  cardinal(digits: string, gender: Gender): string;
  ordinal(digits: string): string;
  /** What stands before the decimals, with its spaces. */
  point: string;
  minus: string;
  /** Whether decimals are read one by one, or as a number. */
  readsDecimalsApart: boolean;
}

const speakers: Record<Language, Speaker> = {
  english: {
    cardinal: (digits) => english.toCardinal(digits),
    ordinal: (digits) => english.toOrdinal(digits),
    point: " point ",
    minus: "minus ",
    readsDecimalsApart: true,
  },
  german: {
    cardinal: (digits) => german.toCardinal(digits),
    ordinal: (digits) => german.toOrdinal(digits),
    point: " Komma ",
    minus: "minus ",
    readsDecimalsApart: true,
  },
  french: {
    cardinal: (digits) => french.toCardinal(digits),
    ordinal: (digits) => french.toOrdinal(digits),
    point: " virgule ",
    minus: "moins ",
    readsDecimalsApart: false,
  },
  italian: {
    cardinal: (digits) => italian.toCardinal(digits),
    ordinal: (digits) => italian.toOrdinal(digits),
    point: " virgola ",
    minus: "meno ",
    readsDecimalsApart: false,
  },
  spanish: {
    cardinal: (digits, gender) => spanish.toCardinal(digits, { gender }),
    ordinal: (digits) => spanish.toOrdinal(digits),
    point: " coma ",
    minus: "menos ",
    readsDecimalsApart: false,
  },
  portuguese: {
    cardinal: (digits) => portuguese.toCardinal(digits),
    ordinal: (digits) => portuguese.toOrdinal(digits),
    point: " vírgula ",
    minus: "menos ",
    readsDecimalsApart: false,
  },
  russian: {
    cardinal: (digits, gender) => russian.toCardinal(digits, { gender }),
    ordinal: (digits) => russian.toOrdinal(digits),
    point: " запятая ",
    minus: "минус ",
    readsDecimalsApart: false,
  },
  chinese: {
    cardinal: (digits) => chinese.toCardinal(digits, { formal: false }).replace(/^一十/, "十"),
    ordinal: (digits) => chinese.toOrdinal(digits, { formal: false }).replace(/^第一十/, "第十"),
    point: "点",
    minus: "负",
    readsDecimalsApart: true,
  },
  japanese: {
    cardinal: (digits) => japanese.toCardinal(digits),
    ordinal: (digits) => japanese.toOrdinal(digits),
    point: "点",
    minus: "マイナス",
    readsDecimalsApart: true,
  },
  korean: {
    cardinal: (digits) => korean.toCardinal(digits),
    ordinal: (digits) => korean.toOrdinal(digits),
    point: " 점 ",
    minus: "마이너스 ",
    readsDecimalsApart: true,
  },
};

/** Past so many digits a number is hardly an amount: an account, a card, a serial number. */
const maxDigits = 15;

/** Whether words are written without spaces between them. */
export function isUnspaced(language: Language): boolean {
  return language === "chinese" || language === "japanese";
}

/**
 * A number in words: `-12.5`, with a point before the decimals and nothing between groups. Null for what is no number, has
 * leading zeros or more than 15 digits before or after the point.
 */
export function inWords(
  number: string,
  language: Language,
  gender: Gender = "masculine",
): string | null {
  const parts = /^([-−]?)(0|[1-9]\d*)(?:\.(\d+))?$/.exec(number);
  const [, sign = "", whole = "", decimals = ""] = parts ?? [];
  if (!parts || whole.length > maxDigits || decimals.length > maxDigits) return null;
  const speaker = speakers[language];
  const words = [sign ? speaker.minus : "", speaker.cardinal(whole, gender)];
  if (decimals) words.push(speaker.point, decimalsInWords(decimals, language));
  return words.join("");
}

function decimalsInWords(decimals: string, language: Language): string {
  const speaker = speakers[language];
  if (speaker.readsDecimalsApart || decimals.length > 3) return digitsInWords(decimals, language);
  const [zeros = ""] = /^0*/.exec(decimals) ?? [];
  const rest = decimals.slice(zeros.length);
  const words = zeros === "" ? [] : [digitsInWords(zeros, language)];
  if (rest !== "") words.push(speaker.cardinal(rest, "masculine"));
  return words.join(" ");
}

/** Each digit as a word. */
export function digitsInWords(digits: string, language: Language): string {
  const { cardinal } = speakers[language];
  const words = Array.from(digits, (digit) => cardinal(digit, "masculine"));
  return words.join(isUnspaced(language) || language === "korean" ? "" : " ");
}

/** "third", "dritte", "terzo": masculine, in the nominative. Null for what is no whole number of at most 15 digits above 0. */
export function ordinalInWords(digits: string, language: Language): string | null {
  if (!/^[1-9]\d{0,14}$/.test(digits)) return null;
  return speakers[language].ordinal(digits);
}

/** A year as it is read, which in English and German is by hundreds until 1999. */
export function yearInWords(digits: string, language: Language): string | null {
  const isEarlier = /^1[1-9]\d\d$/.test(digits);
  if (language === "chinese" && digits.length === 4) return digitsInWords(digits, language);
  if (!isEarlier || (language !== "english" && language !== "german")) {
    return inWords(digits, language);
  }
  const hundreds = inWords(digits.slice(0, 2), language);
  const rest = digits.slice(2);
  if (language === "german") {
    const years = rest === "00" ? "" : speakers.german.cardinal(String(Number(rest)), "masculine");
    return `${hundreds}hundert${years}`;
  }
  if (rest === "00") return `${hundreds} hundred`;
  const years = inWords(String(Number(rest)), language);
  return rest.startsWith("0") ? `${hundreds} oh ${years}` : `${hundreds} ${years}`;
}

/** The form that the last word of a number takes before a noun: "ein Euro", "une minute", "veintiún kilómetros". */
export function beforeNoun(number: string, language: Language, gender: Gender): string | null {
  const words = inWords(number, language, gender);
  if (words === null || number.includes(".")) return words;
  const isFeminine = gender === "feminine";
  switch (language) {
    case "german":
      return words.replace(/eins$/, isFeminine ? "eine" : "ein");
    case "french":
      return isFeminine ? words.replace(/(^|[ -])un$/, "$1une") : words;
    case "italian":
      return words.replace(/^uno$/, isFeminine ? "una" : "un");
    case "spanish":
      return isFeminine ? words : words.replace(/veintiuno$/, "veintiún").replace(/uno$/, "un");
    case "portuguese":
      return isFeminine ? words.replace(/\bum$/, "uma").replace(/\bdois$/, "duas") : words;
    case "chinese":
      return number === "2" ? "两" : words;
    default:
      return words;
  }
}

/** The genitive of a Russian ordinal, as days and years have it: "четвёртого", "третьего". */
export function russianGenitive(ordinal: string): string {
  return ordinal.replace(/ий$/, "ьего").replace(/[ыо]й$/, "ого");
}

const grouped: Record<"point" | "comma" | "space", RegExp> = {
  point: /^\d{1,3}(?:\.\d{3})+(?:,\d+)?$/,
  comma: /^\d{1,3}(?:,\d{3})+(?:\.\d+)?$/,
  space: /^\d{1,3}(?: \d{3})+(?:,\d+)?$/,
};
const plain = { point: /^\d+(?:\.\d+)?$/, comma: /^\d+(?:,\d+)?$/ };

/**
 * A number as people of that language write it, as {@link inWords} takes it; null where it is written otherwise, so that
 * "3,5" in English and "3.5" in German stay as they are, and in Spanish, whose countries differ, "1.234" too.
 */
export function readNumber(written: string, language: Language): string | null {
  const sign = /^[-−]/.exec(written)?.[0] ? "-" : "";
  const number = sign ? written.slice(1) : written;
  if (["english", "chinese", "japanese", "korean"].includes(language)) {
    if (grouped.comma.test(number)) return sign + number.replaceAll(",", "");
    return plain.point.test(number) ? sign + number : null;
  }
  const isSpaced = language === "french" || language === "russian";
  if (isSpaced && grouped.space.test(number)) {
    return sign + number.replaceAll(" ", "").replace(",", ".");
  }
  if (language !== "spanish" && !isSpaced && grouped.point.test(number)) {
    return sign + number.replaceAll(".", "").replace(",", ".");
  }
  return plain.comma.test(number) ? sign + number.replace(",", ".") : null;
}
