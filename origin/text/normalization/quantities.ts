import { type Language, languageTags } from "../../../shared/languages.ts";
import {
  beforeNoun,
  type Gender,
  inWords,
  isUnspaced,
  ordinalInWords,
  readNumber,
  russianGenitive,
  yearInWords,
} from "./numbers.ts";
import type { Claim, Rule } from "./rule.ts";
import { apartAfter, apartBefore, claimEach } from "./rule.ts";

/** Symbols of units, and their names in `Intl`. Single letters have too many meanings, but for metre, gram and litre after a space. */
const unitNames: Readonly<Record<string, string>> = {
  km: "kilometer",
  " m": "meter",
  cm: "centimeter",
  mm: "millimeter",
  kg: "kilogram",
  " g": "gram",
  " l": "liter",
  " L": "liter",
  ml: "milliliter",
  mL: "milliliter",
  "°C": "celsius",
  "°F": "fahrenheit",
  "°": "degree",
  "%": "percent",
  "km/h": "kilometer-per-hour",
  "км/ч": "kilometer-per-hour",
  mph: "mile-per-hour",
  kB: "kilobyte",
  KB: "kilobyte",
  MB: "megabyte",
  GB: "gigabyte",
  TB: "terabyte",
  ms: "millisecond",
  км: "kilometer",
  " м": "meter",
  см: "centimeter",
  мм: "millimeter",
  кг: "kilogram",
  " г": "gram",
  " л": "liter",
  мл: "milliliter",
};

const feminineUnits: Partial<Record<Language, readonly string[]>> = {
  german: ["millisecond", "mile-per-hour"],
  french: ["millisecond"],
  spanish: ["mile-per-hour"],
  portuguese: ["mile-per-hour"],
  russian: ["millisecond", "mile-per-hour"],
};

/** A number in words with what it counts, in the plural that it asks for. The number is as `inWords` takes it. */
function counted(
  number: string,
  format: Intl.NumberFormatOptions,
  language: Language,
  gender: Gender,
): string | null {
  const words = beforeNoun(number, language, gender);
  if (words === null) return null;
  const decimals = number.split(".")[1]?.length ?? 0;
  const parts = new Intl.NumberFormat(languageTags[language], {
    ...format,
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  }).formatToParts(Number(number));
  const spoken: string[] = [];
  let hasNumber = false;
  for (const { type, value } of parts) {
    if (type === "integer") {
      if (!hasNumber) spoken.push(words);
      hasNumber = true;
    } else if (type === "unit" || type === "currency") {
      spoken.push(hasNumber && language === "korean" ? ` ${value.trim()}` : value.trim());
    } else if (type === "literal" && /\s/.test(value) && !isUnspaced(language)) spoken.push(" ");
  }
  return spoken.join("").replace(/\s+/g, " ").trim();
}

/** Null for a unit that is none of {@link unitNames}; one that has no name in the language says its number alone. */
export function unitInWords(number: string, unit: string, language: Language): string | null {
  const name = unitNames[unit.trim()] ?? unitNames[` ${unit.trim()}`];
  if (name === undefined) return null;
  if (name === "percent" && (language === "chinese" || language === "korean")) {
    const words = inWords(number, language);
    if (words === null) return null;
    return language === "chinese" ? `百分之${words}` : `${words} 퍼센트`;
  }
  const gender = feminineUnits[language]?.includes(name) ? "feminine" : "masculine";
  const format = { style: "unit", unit: name, unitDisplay: "long" } as const;
  return counted(number, format, language, gender);
}

const currencySigns: Readonly<Record<string, string>> = {
  $: "USD",
  US$: "USD",
  "€": "EUR",
  "£": "GBP",
  "₽": "RUB",
  R$: "BRL",
  "₩": "KRW",
  "¥": "JPY",
  "￥": "JPY",
  "₹": "INR",
  CHF: "CHF",
  USD: "USD",
  EUR: "EUR",
  GBP: "GBP",
  JPY: "JPY",
};

/** Whose pound or dollar it is is not in the sign. */
const countries =
  /^(?:US[ -]|British |Japanese |米|英国|미국 |영국 |일본 |Britische[sr]? |Japanischer? |британск\S+ |японск\S+ |российск\S+ |대한민국 |Brazilian |Brasilianische[rs]? |бразильск\S+ |브라질 |ブラジル|巴西)| (?:des États-Unis|japonais|estadounidenses?|esterlinas?|japon[eé]ses|japon[eê]s|japonés|statunitens[ei]|britannic\S+|giappones[ei]|brésiliens?|brasilian[oi]|brasileñ[oe]s?|brasileñ\S+|brasileiros?|americanos?|США|стерлингов)$/u;

const feminineCurrencies: Partial<Record<Language, readonly string[]>> = {
  french: ["GBP", "INR"],
  italian: ["GBP", "INR"],
  spanish: ["GBP", "INR"],
  portuguese: ["GBP", "INR"],
  russian: ["JPY", "KRW", "INR"],
  german: ["INR"],
};

/** Between units and hundredths, where hundredths are said by themselves. */
const hundredths: Partial<Record<Language, string>> = {
  english: " and ",
  german: " ",
  french: " ",
  italian: " e ",
  spanish: " con ",
  portuguese: " e ",
};

/** Null for a currency that is none of {@link currencySigns}. */
export function moneyInWords(number: string, sign: string, language: Language): string | null {
  // In Chinese, the sign of the yen is that of the yuan.
  const isYuan = language === "chinese" && (sign === "¥" || sign === "￥");
  const currency = isYuan ? "CNY" : currencySigns[sign];
  if (currency === undefined) return null;
  const gender = feminineCurrencies[language]?.includes(currency) ? "feminine" : "masculine";
  const [whole = "", cents] = number.split(".");
  const joint = hundredths[language];
  const isSplit = cents?.length === 2 && joint !== undefined;
  if (isSplit && cents !== "00" && whole === "0") return null;
  const amount = isSplit || /^0+$/.test(cents ?? "") ? whole : number;
  const format = { style: "currency", currency, currencyDisplay: "name" } as const;
  const words = counted(amount, format, language, gender);
  if (words === null) return null;
  const isForeignName = /^[A-Z]{3}$/.test(sign);
  const [numberWords = ""] = [beforeNoun(amount, language, gender) ?? ""];
  const rest = words.slice(numberWords.length).trim();
  const name = isForeignName ? rest : isYuan ? "元" : rest.replace(countries, "").trim();
  const noun = language === "portuguese" ? name.toLowerCase() : name;
  const spoken = `${numberWords}${isUnspaced(language) ? "" : " "}${noun}`;
  if (!isSplit || cents === "00") return spoken;
  const minor = inWords(String(Number(cents)), language);
  if (language !== "english") return `${spoken}${joint}${minor}`;
  const [one, many] = currency === "GBP" ? ["penny", "pence"] : ["cent", "cents"];
  return `${spoken}${joint}${minor} ${Number(cents) === 1 ? one : many}`;
}

const digits = "\\d{1,15}(?!\\d)";
/** With groups and decimals, whatever the language's signs for them are; `readNumber` knows. */
const amount = `[-−]?(?:\\d{1,3}(?:[.,]\\d{3}){1,4}(?!\\d)|\\d{1,3}(?: \\d{3}){1,4}(?! ?\\d)|${digits})(?:[.,]\\d{1,15}(?!\\d))?`;
const units = Object.keys(unitNames)
  .sort((a, b) => b.length - a.length)
  .map((unit) => (unit.startsWith(" ") ? unit : ` ?${unit}`))
  .join("|");
const quantity = new RegExp(
  `${apartBefore}(${amount})(${units})(?![\\p{Script=Latin}\\p{Script=Cyrillic}\\p{N}\\p{M}/^²³°%*_@#\\-–—]|\\.\\p{N})`,
  "gu",
);
const signsBefore = "US\\$|R\\$|[$€£₽₩¥￥₹]";
const moneyAfter =
  "(?![\\p{Script=Latin}\\p{Script=Cyrillic}\\p{N}\\p{M}/%°*_@#\\-–—]|[.,]\\p{N}| ?(?:[kKmMbB]|bn|[Mm]io|[Mm]rd|million|billion|Million|Milliard|mill|bilh|milh|mili|млн|млрд|тыс|[万億亿만억])(?:[^\\p{L}]|\\p{L}|$))";
const notInMoney =
  "(?<![\\p{Script=Latin}\\p{Script=Cyrillic}\\p{N}\\p{M}_.:/\\\\\\-–—#@$€£¥￥₽₩₹%&+=*^~<>|]|\\d,)";
const signed = new RegExp(`${notInMoney}(${signsBefore}) ?(${amount})${moneyAfter}`, "gu");
const trailing = new RegExp(
  `${apartBefore}(${amount}) ?([€£₽$]|USD|EUR|GBP|CHF|JPY)(?![\\p{Script=Latin}\\p{Script=Cyrillic}\\p{N}\\p{M}/%_@#\\-–—])`,
  "gu",
);

/** Words by which a Russian number stands in another case than the nominative, which a rule would have to decline. */
const russianOblique =
  /(?:^|[^\p{L}])(?:около|до|от|с|со|к|ко|без|после|более|менее|больше|меньше|свыше|из|у|о|об|при|между|над|под|перед|для|кроме|ниже|выше) $/iu;

function isOblique(text: string, at: number, language: Language): boolean {
  return language === "russian" && russianOblique.test(text.slice(Math.max(0, at - 12), at));
}

/** `5 km`, `20 °C`, `99,9 %`: a number and its unit, by the names that CLDR has. */
export const unitRule: Rule = (text, language) =>
  claimEach(text, quantity, ({ index, 1: number = "", 2: unit = "" }) => {
    if (isOblique(text, index, language)) return null;
    const read = readNumber(number, language);
    return read === null ? null : unitInWords(read.replace("−", "-"), unit, language);
  });

/** `$5.20`, `5,20 €`. Shortened amounts, `$5m`, stay as they are. */
export const moneyRule: Rule = (text, language) => {
  const say = (number: string, sign: string, at: number) => {
    if (isOblique(text, at, language)) return null;
    const read = readNumber(number, language);
    return read === null ? null : moneyInWords(read, sign, language);
  };
  return [
    ...claimEach(text, signed, ({ index, 1: sign = "", 2: number = "" }) =>
      say(number, sign, index),
    ),
    ...claimEach(text, trailing, ({ index, 1: number = "", 2: sign = "" }) =>
      say(number, sign, index),
    ),
  ].sort((a, b) => a.start - b.start);
};

/** Between the ends of a range. Russian would decline both: ranges stay as they are there. */
const between: Partial<Record<Language, string>> = {
  english: " to ",
  german: " bis ",
  french: " à ",
  italian: " a ",
  spanish: " a ",
  portuguese: " a ",
  chinese: "到",
  japanese: "から",
  korean: "에서 ",
};

const range = new RegExp(
  `${apartBefore}([1-9]\\d{0,3})[–~～]([1-9]\\d{0,3})((?:${units})?)(?![\\p{Script=Latin}\\p{Script=Cyrillic}\\p{N}\\p{M}/%°\\-–—_@#:]|[.,:]\\p{N})`,
  "gu",
);

/** `10–20`, with a dash (a hyphen may be anything), upwards, and to 10 at least or with a unit: `2–1` and `1–2` are scores. */
export const rangeRule: Rule = (text, language) => {
  const word = between[language];
  if (word === undefined) return [];
  return claimEach(text, range, ([, from = "", to = "", unit = ""]) => {
    if (Number(from) >= Number(to) || (unit === "" && Number(to) < 10)) return null;
    const end = unit === "" ? yearInWords(to, language) : unitInWords(to, unit, language);
    const begin = unit === "" ? yearInWords(from, language) : inWords(from, language);
    return begin === null || end === null ? null : `${begin}${word}${end}`;
  });
};

const ordinals: Partial<Record<Language, RegExp>> = {
  english: /(?<![\p{L}\p{N}.,:/-])(\d{1,15})(st|nd|rd|th)(?![\p{L}\p{N}-])/gu,
  french: /(?<![\p{L}\p{N}.,:/-])(\d{1,15})(er|re|ère|e|ᵉ|ème|ième)(?![\p{L}\p{N}-])/gu,
  spanish: /(?<![\p{L}\p{N}.,:/-])(\d{1,15})\.?([ºª])(?![\p{L}\p{N}])/gu,
  italian: /(?<![\p{L}\p{N}.,:/-])(\d{1,15})\.?([ºª])(?![\p{L}\p{N}])/gu,
  portuguese: /(?<![\p{L}\p{N}.,:/-])(\d{1,15})\.?([ºª])(?![\p{L}\p{N}])/gu,
  russian: /(?<![\p{L}\p{N}.,:/-])(\d{1,15})-(й|го)(?![\p{L}\p{N}-])/gu,
};

const englishEnding = (number: number): string => {
  const teen = number % 100 > 10 && number % 100 < 14;
  return teen ? "th" : (["th", "st", "nd", "rd"][number % 10] ?? "th");
};

/**
 * `3rd`, `1er`, `2ª`, `5-й`. A German number with a full stop may end a sentence: there are those of dates alone. 第3 has a
 * number that is read as any.
 */
export const ordinalRule: Rule = (text, language): Claim[] => {
  const pattern = ordinals[language];
  if (!pattern) return [];
  return claimEach(text, pattern, ([, number = "", ending = ""]) => {
    const words = ordinalInWords(number, language);
    if (words === null) return null;
    if (language === "english" && ending !== englishEnding(Number(number) % 100)) return null;
    if (language === "french") {
      const isFirst = number === "1";
      if (isFirst !== /^(?:er|re|ère)$/.test(ending)) return null;
      return ending === "re" || ending === "ère" ? "première" : words;
    }
    if (language === "russian") return ending === "го" ? russianGenitive(words) : words;
    return ending === "ª" ? words.replace(/o(?= |$)/g, "a") : words;
  });
};

const numberAlone = new RegExp(`${apartBefore}(${amount})${apartAfter}`, "gu");
const bareYear = /^1[1-9]\d\d$/;

/** Whether the word for a number takes its form from the noun that follows: "une pomme", "duas vezes", "doscientas". */
function agrees(number: string, language: Language): boolean {
  const last = /(?<!1)[12]$/.exec(number)?.[0];
  switch (language) {
    case "german":
      return /(?:^|0)1$/.test(number);
    case "italian":
      return number === "1";
    case "french":
      return last === "1";
    case "spanish":
      return last === "1" || /[2-9]\d\d$/.test(number);
    case "portuguese":
      return last !== undefined || /[2-9]\d\d$/.test(number);
    case "russian":
      return last !== undefined;
    default:
      return false;
  }
}

const nounBehind = /^ \p{L}/u;
/** Counted with native numerals, as far as these go. */
const koreanCounter =
  /^ ?(?:개|명|살|마리|권|장|잔|병|대|벌|송이|그루|채|켤레|번|시|사람|가지|군데)/u;

/** Whether a number is said otherwise than by itself: in a name, as an ordinal, by a counter, within a time. */
function isPartOfMore(
  before: string,
  written: string,
  behind: string,
  language: Language,
): boolean {
  if (/\.\d{1,2}$/.test(written) && /\p{Lu}[\p{L}\p{N}]*\.? $/u.test(before)) return true;
  switch (language) {
    case "german":
      return /^\. ?\p{L}/u.test(behind);
    case "french":
      return /^ h(?:\P{L}|$)/u.test(behind) || /\d h $/.test(before);
    case "chinese":
      return written === "2" && /^\p{Script=Han}/u.test(behind) && !before.endsWith("第");
    case "korean":
      return koreanCounter.test(behind);
    default:
      return false;
  }
}

/**
 * Numbers by themselves. What has leading zeros, more than 15 digits (7 without signs between groups), is a decimal after a name
 * ("Python 3.12"), or stands among other numbers or against signs and
 * letters is none that is counted with. One whose word depends on the noun behind it ("1 Katze", "2 vezes", "3개") stays as it
 * is; a Russian one is put in the nominative, and left where a preposition asks for another case. Four digits from 1100 to 1999 are a year in English and German.
 */
export const numberRule: Rule = (text, language) =>
  claimEach(text, numberAlone, ({ 0: written, index }) => {
    const behind = text.slice(index + written.length, index + written.length + 4);
    const before = text.slice(Math.max(0, index - 16), index);
    if (/^\d{8,}$/.test(written) || isOblique(text, index, language)) return null;
    if (isPartOfMore(before, written, behind, language)) return null;
    if (bareYear.test(written) && language !== "chinese") return yearInWords(written, language);
    const read = readNumber(written, language);
    if (read === null || (nounBehind.test(behind) && agrees(read, language))) return null;
    return inWords(read.replace("−", "-"), language);
  });
