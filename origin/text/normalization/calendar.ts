import { type Language, languageTags } from "../../../shared/languages.ts";
import { beforeNoun, inWords, ordinalInWords, russianGenitive, yearInWords } from "./numbers.ts";
import type { Claim, Rule } from "./rule.ts";
import { apartAfter, apartBefore, claimEach } from "./rule.ts";

interface CalendarDate {
  year: string | null;
  month: number;
  day: number;
}

const isEastAsian = (language: Language) =>
  language === "chinese" || language === "japanese" || language === "korean";

function monthName(month: number, language: Language): string {
  if (language === "korean") {
    // Two months have lost a sound: 유월, 시월.
    if (month === 6) return "유월";
    if (month === 10) return "시월";
  }
  if (isEastAsian(language)) return `${inWords(String(month), language)}${units(language).month}`;
  const format = new Intl.DateTimeFormat(languageTags[language], {
    month: "long",
    day: "numeric",
    timeZone: "UTC",
  });
  const parts = format.formatToParts(Date.UTC(2024, month - 1, 1));
  return parts.find(({ type }) => type === "month")?.value ?? "";
}

function units(language: Language) {
  return language === "korean"
    ? { year: "년", month: "월", day: "일" }
    : { year: "年", month: "月", day: "日" };
}

/** Null where there is no such day. */
export function dateInWords(
  { year, month, day }: CalendarDate,
  language: Language,
  isOblique = false,
): string | null {
  const days = new Date(Date.UTC(year === null ? 2024 : Number(year), month, 0)).getUTCDate();
  if (month < 1 || month > 12 || day < 1 || day > days) return null;
  const years = year === null ? null : yearInWords(year, language);
  if (year !== null && years === null) return null;
  const name = monthName(month, language);
  const number = inWords(String(day), language) ?? "";
  const ordinal = ordinalInWords(String(day), language) ?? "";
  const joined = (...words: (string | null)[]) => words.filter((word) => word !== null).join(" ");
  switch (language) {
    case "english":
      return joined(name, years === null ? ordinal : `${ordinal},`, years);
    case "german":
      return joined(`${ordinal}${isOblique ? "n" : "r"}`, name, years);
    case "french":
    case "italian":
      return joined(day === 1 ? ordinal : number, name, years);
    case "spanish":
    case "portuguese":
      return joined(number, "de", name, years === null ? null : `de ${years}`);
    case "russian": {
      const yearOrdinal = year === null ? null : ordinalInWords(year, language);
      return joined(
        russianGenitive(ordinal),
        name,
        yearOrdinal === null ? null : `${russianGenitive(yearOrdinal)} года`,
      );
    }
    default: {
      const { year: y, day: d } = units(language);
      const parts = [years === null ? null : `${years}${y}`, name, `${number}${d}`];
      return parts.filter((part) => part !== null).join(language === "korean" ? " " : "");
    }
  }
}

const iso = new RegExp(`${apartBefore}([12]\\d{3})-(\\d\\d)-(\\d\\d)${apartAfter}`, "gu");
const numeric = new RegExp(
  `${apartBefore}(\\d\\d?)([./])(\\d\\d?)\\2([12]\\d{3})${apartAfter}`,
  "gu",
);
const germanOblique = /(?:^|[\s(])(?:am|vom|zum|dem|den|bis|seit|ab|beim)\s$/iu;
const eastAsian =
  /(?<![\p{N}.:/-]|\d,|[年년] ?)(?:([12]\d{3})\s?[年년]\s?)?(\d\d?)\s?[月월]\s?(\d\d?)\s?([日号號일])/gu;

const monthsByLanguage = new Map<Language, ReadonlyMap<string, number>>();

function monthsOf(language: Language): ReadonlyMap<string, number> {
  const known =
    monthsByLanguage.get(language) ??
    new Map(Array.from({ length: 12 }, (_, at) => [monthName(at + 1, language), at + 1]));
  monthsByLanguage.set(language, known);
  return known;
}

/**
 * Dates that can mean one day alone: `2026-03-04`; `4.3.2026` and `4/3/2026` where the language has one order, and in
 * English with slashes only where one of the numbers is no month; days with the month's name; 2026年3月4日. What is no day of
 * the calendar stays as it is. German declines after the commonest prepositions, Russian puts the genitive, in which
 * dates mostly stand.
 */
export const dateRule: Rule = (text, language): Claim[] => {
  const oblique = (at: number) => germanOblique.test(text.slice(Math.max(0, at - 6), at));
  const claims = claimEach(text, iso, (match) =>
    dateInWords(
      { year: match[1] ?? null, month: Number(match[2]), day: Number(match[3]) },
      language,
      oblique(match.index),
    ),
  );
  if (isEastAsian(language)) {
    claims.push(
      ...claimEach(text, eastAsian, ([, year, month, day, dayUnit]) => {
        const spoken = dateInWords(
          { year: year ?? null, month: Number(month), day: Number(day) },
          language,
        );
        return spoken && (dayUnit === "号" || dayUnit === "號")
          ? spoken.replace(/日$/, dayUnit)
          : spoken;
      }),
    );
  } else {
    claims.push(
      ...claimEach(text, numeric, (match) => {
        const order = dayAndMonth(Number(match[1]), Number(match[3]), match[2] ?? "", language);
        const year = match[4] ?? null;
        return order && dateInWords({ year, ...order }, language, oblique(match.index));
      }),
      ...claimEach(text, named(language), (match) => {
        const found = match.groups ?? {};
        const day = found.day ?? found.dayAfter;
        const month = found.month ?? found.monthFirst;
        const year = found.year ?? found.yearAfter ?? null;
        const at = monthsOf(language).get(month ?? "");
        if (at === undefined) return null;
        return dateInWords({ year, month: at, day: Number(day) }, language, oblique(match.index));
      }),
    );
  }
  return claims.sort((a, b) => a.start - b.start);
};

function dayAndMonth(first: number, second: number, separator: string, language: Language) {
  if (language !== "english") return { day: first, month: second };
  if (separator === ".") return first > 12 ? { day: first, month: second } : null;
  if (first > 12 && second <= 12) return { day: first, month: second };
  return second > 12 && first <= 12 ? { day: second, month: first } : null;
}

const namedByLanguage = new Map<Language, RegExp>();

function named(language: Language): RegExp {
  const known = namedByLanguage.get(language);
  if (known) return known;
  const months = Array.from(monthsOf(language).keys()).join("|");
  const before = "(?<![\\p{L}\\p{N}.,:/\\-])";
  const after = "(?![\\p{L}\\p{N}/\\-]|[.,:]\\p{N})";
  const yearEnd = language === "russian" ? "(?: (?:года|г\\.))?" : "";
  const de = language === "spanish" || language === "portuguese" ? "(?:de )?" : "";
  const dayMark = { german: "\\.", french: "(?:er)?", italian: "º?", english: "(?:st|nd|rd|th)?" };
  const mark = dayMark[language as keyof typeof dayMark] ?? "";
  const dayFirst = `(?<day>\\d\\d?)${mark} ${de}(?<month>${months})(?: ${de}(?<year>[12]\\d{3})${yearEnd})?`;
  const monthFirst = `(?<monthFirst>${months}) (?<dayAfter>\\d\\d?)${mark}(?:, (?<yearAfter>[12]\\d{3}))?`;
  const both = language === "english" ? `(?:${dayFirst}|${monthFirst})` : dayFirst;
  const made = new RegExp(`${before}${both}${after}`, "gu");
  namedByLanguage.set(language, made);
  return made;
}

/** Words before a time of day, by which it is none of a score: "at 14:30". */
const timeWords: Record<Language, string> = {
  english: "at|by|from|until|till|to|before|after|around|about|since",
  german: "um|ab|bis|von|gegen|vor|nach|seit",
  french: "à|dès|vers|avant|après|jusqu'à|de",
  italian: "alle|dalle|ore|verso le|le",
  portuguese: "às|as|das|até",
  spanish: "las|la",
  russian: "в|до|с|к|около|после",
  chinese: "上午|下午|早上|晚上|中午|凌晨|在|于",
  japanese: "午前|午後|朝|夜|は|に",
  korean: "오전|오후|아침|저녁|밤|에",
};

const koreanHours = "열두 한 두 세 네 다섯 여섯 일곱 여덟 아홉 열 열한 열두".split(" ");

/** `hour` is 0 to 24. */
export function timeInWords(hour: number, minute: number, language: Language): string | null {
  if (hour > 24 || minute > 59 || (hour === 24 && minute > 0)) return null;
  const gender = ["french", "spanish", "portuguese", "italian"].includes(language)
    ? "feminine"
    : "masculine";
  const h = beforeNoun(String(hour), language, gender) ?? "";
  const m = inWords(String(minute), language) ?? "";
  const full = minute === 0;
  switch (language) {
    case "english":
      if (full) return hour === 0 || hour > 12 ? `${h} hundred` : `${h} o'clock`;
      return minute < 10 ? `${h} oh ${m}` : `${h} ${m}`;
    case "german":
      return full ? `${h} Uhr` : `${h} Uhr ${m}`;
    case "french": {
      const hours = `${h} heure${hour > 1 ? "s" : ""}`;
      return full ? hours : `${hours} ${beforeNoun(String(minute), language, "feminine")}`;
    }
    case "italian":
      return full ? h : `${h} e ${m}`;
    case "spanish":
      return full ? `${h} en punto` : `${h} y ${m}`;
    case "portuguese":
      return full ? `${h} hora${hour > 1 ? "s" : ""}` : `${h} e ${m}`;
    case "russian":
      if (full) return `${h} ноль ноль`;
      return minute < 10 ? `${h} ноль ${m}` : `${h} ${m}`;
    case "chinese":
      return `${h}点${full ? "" : minute < 10 ? `零${m}分` : `${m}分`}`;
    case "japanese":
      return `${h}時${full ? "" : `${m}分`}`;
    case "korean": {
      const hours = `${koreanHours[hour] ?? h} 시`;
      return full ? hours : `${hours} ${m} 분`;
    }
  }
}

const halves = "\\s?(?<half>[ap])(?:m\\b|\\.m\\.)";
const clock = "(?<hour>[01]?\\d|2[0-4]):(?<minute>[0-5]\\d)";
const clockAfter = "(?![\\p{Script=Latin}\\p{Script=Cyrillic}\\p{N}\\p{M}:/\\-–—@#%]|[.,]\\p{N})";

/**
 * Times of day, `14:30`, where something tells that it is one: a leading zero, "pm", "Uhr", a word such as "at" before
 * it. Others may be scores, ratios or verses, and stay as they are.
 */
export const timeRule: Rule = (text, language) => {
  const uhr = language === "german" ? "(?<uhr> Uhr)?" : "";
  const half = language === "english" ? `(?:${halves})?` : "";
  const pattern = new RegExp(
    `(?<![\\p{Script=Latin}\\p{Script=Cyrillic}\\p{N}.,:/\\-–—@#$€£(\\[]|\\d )${clock}${half}${uhr}${clockAfter}`,
    "giu",
  );
  const told = new RegExp(`(?:^|[^\\p{L}])(?:${timeWords[language]})\\s?$`, "iu");
  const toldApart = new RegExp(`(?:${timeWords[language]})\\s?$`, "u");
  return claimEach(text, pattern, ({ index, groups }) => {
    const { hour = "", minute = "", half, uhr } = groups ?? {};
    const before = text.slice(Math.max(0, index - 12), index);
    const isTold = isEastAsian(language) ? toldApart.test(before) : told.test(before);
    if (!half && !uhr && !isTold && !/^0\d/.test(hour)) return null;
    if (half) {
      const hours = Number(hour);
      if (hours < 1 || hours > 12) return null;
      const time = timeInWords(hours, Number(minute), language);
      return `${time?.replace(/ o'clock$/, "")} ${half.toLowerCase()} m`;
    }
    return timeInWords(Number(hour), Number(minute), language);
  });
};
