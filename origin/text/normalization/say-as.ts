import type { Language } from "../../../shared/languages.ts";
import { signsInWords, telephoneInWords } from "./addresses.ts";
import { dateInWords, timeInWords } from "./calendar.ts";
import { digitsInWords, inWords, isUnspaced, ordinalInWords, readNumber } from "./numbers.ts";
import { moneyRule, unitRule } from "./quantities.ts";
import type { Rule } from "./rule.ts";

/** SSML's `say-as`: `interpret-as`, and the `format` of a date, such as "dmy". */
export interface SayAs {
  interpretAs:
    | "cardinal"
    | "ordinal"
    | "digits"
    | "characters"
    | "date"
    | "time"
    | "telephone"
    | "currency"
    | "unit";
  format?: string;
}

/** The most that is spelled. */
const maxCharacters = 256;

/** A text in words, told what it is; null where it is not understood as that, and is spoken as it stands. */
export function sayAs(text: string, as: SayAs, language: Language): string | null {
  const given = text.trim();
  if (given === "" || given.length > maxCharacters) return null;
  switch (as.interpretAs) {
    case "cardinal": {
      const number = readNumber(given, language);
      return number === null ? null : inWords(number.replace(/^(-?)0+(?=\d)/, "$1"), language);
    }
    case "ordinal": {
      const number = readNumber(given.replace(/(?:\D{1,4})$/u, ""), language);
      return number === null ? null : ordinalInWords(number, language);
    }
    case "digits":
      return /^[\d\s.-]+$/.test(given) ? digitsInWords(given.replace(/\D/g, ""), language) : null;
    case "characters":
      return spelled(given, language);
    case "date":
      return dateOf(given, as.format, language);
    case "time": {
      const [all, hour = "", minute = ""] = /^(\d\d?)[:.h](\d\d)(?::\d\d)?$/.exec(given) ?? [];
      return all === undefined ? null : timeInWords(Number(hour), Number(minute), language);
    }
    case "telephone":
      return /^[+\d\s()./-]+$/.test(given) ? telephoneInWords(given, language) : null;
    case "currency":
      return whole(moneyRule, given, language);
    case "unit":
      return whole(unitRule, given, language);
  }
}

/** What a rule makes of a text that it understands from its first character to its last. */
function whole(rule: Rule, text: string, language: Language): string | null {
  const claim = rule(text, language).find(({ start, end }) => start === 0 && end === text.length);
  return claim?.text ?? null;
}

function spelled(text: string, language: Language): string {
  const words = Array.from(text, (character) =>
    /\d/.test(character) ? digitsInWords(character, language) : signsInWords(character, language),
  ).filter((word) => word.trim() !== "");
  return words.join(isUnspaced(language) ? "，" : ", ");
}

const orders: Partial<Record<Language, string>> = {
  chinese: "ymd",
  japanese: "ymd",
  korean: "ymd",
};

/** English has two orders: without a format it is "mdy", as SSML's users there have it. */
function dateOf(text: string, format: string | undefined, language: Language): string | null {
  const numbers = text.match(/\d+/g) ?? [];
  const isIso = /^\d{4}-\d\d?-\d\d?$/.test(text);
  const usual = orders[language] ?? (language === "english" ? "mdy" : "dmy");
  const order = isIso ? "ymd" : (format?.toLowerCase() ?? usual);
  if (
    !/^[\d\s./-]+$/.test(text) ||
    !/^[ymd]{2,3}$/.test(order) ||
    numbers.length !== order.length
  ) {
    return null;
  }
  const part = (letter: string) => numbers[order.indexOf(letter)];
  const [year, month, day] = ["y", "m", "d"].map((letter) =>
    order.includes(letter) ? part(letter) : undefined,
  );
  if (
    month === undefined ||
    day === undefined ||
    (year !== undefined && !/^[12]\d{3}$/.test(year))
  ) {
    return null;
  }
  return dateInWords({ year: year ?? null, month: Number(month), day: Number(day) }, language);
}
