import type { Language } from "../../../shared/languages.ts";
import { digitsInWords, inWords, isUnspaced } from "./numbers.ts";
import type { Claim, Rule } from "./rule.ts";
import { claimEach } from "./rule.ts";

/** The names of the signs of addresses, in the order of {@link signs}. */
const signNames: Record<Language, string> = {
  english: "at|dot|slash|dash|underscore|colon|plus|question mark|and|equals|percent|hash|tilde",
  german:
    "at|Punkt|Schrägstrich|Bindestrich|Unterstrich|Doppelpunkt|Plus|Fragezeichen|und|gleich|Prozent|Raute|Tilde",
  french:
    "arobase|point|barre oblique|tiret|tiret bas|deux-points|plus|point d'interrogation|et|égale|pour cent|dièse|tilde",
  italian:
    "chiocciola|punto|barra|trattino|trattino basso|due punti|più|punto interrogativo|e|uguale|per cento|cancelletto|tilde",
  portuguese:
    "arroba|ponto|barra|hífen|sublinhado|dois pontos|mais|ponto de interrogação|e|igual|por cento|cardinal|til",
  spanish:
    "arroba|punto|barra|guion|guion bajo|dos puntos|más|signo de interrogación|y|igual|por ciento|almohadilla|tilde",
  russian:
    "собака|точка|косая черта|дефис|подчёркивание|двоеточие|плюс|вопросительный знак|и|равно|процент|решётка|тильда",
  chinese: "艾特|点|斜杠|横杠|下划线|冒号|加|问号|和|等于|百分号|井号|波浪号",
  japanese:
    "アットマーク|ドット|スラッシュ|ハイフン|アンダーバー|コロン|プラス|クエスチョンマーク|アンド|イコール|パーセント|シャープ|チルダ",
  korean: "골뱅이|점|슬래시|하이픈|밑줄|콜론|플러스|물음표|앤드|이퀄|퍼센트|샵|물결표",
};
const signs = "@./-_:+?&=%#~";

const eMail =
  /(?<![\w.+%-])[\w+%-]{1,64}(?:\.[\w+%-]{1,64}){0,8}@[a-z\d-]{1,63}(?:\.[a-z\d-]{1,63}){0,8}\.[a-z]{2,24}(?![\w@-])/giu;
/** Past so many characters an address is no more understood by the ear than it is as it stands. */
const maxUrlLength = 200;
const url = /(?<![\w@./:-])(?:https?:\/\/|www\.)[\w\-.~:/?#@&=%+]{0,4096}[\w/=]/giu;

/**
 * E-mail and web addresses, sign by sign: "anna at example dot com". The scheme and "www." are not said, nor a slash at
 * the end. Addresses of more than 200 characters, and what only looks like a domain ("Node.js"), stay as they are.
 */
export const addressRule: Rule = (text, language) => {
  const mails = claimEach(text, eMail, ([address]) => spell(address, language));
  const urls = claimEach(text, url, ([address]) => {
    const named = address.replace(/^https?:\/\//i, "").replace(/^www\./i, "");
    const bare = named.endsWith("/") ? named.slice(0, -1) : named;
    return bare.length > maxUrlLength || !/^[\w-]+(?:[.:]|$)/.test(bare) || bare.includes("//")
      ? null
      : spell(bare, language);
  });
  return [...urls, ...mails].sort((a, b) => a.start - b.start);
};

function spell(address: string, language: Language): string {
  const names = signNames[language].split("|");
  const words = Array.from(address.matchAll(/\d+|[^\W\d_]+|[^\da-z]/giu), ([part]) => {
    if (/^\d/.test(part)) {
      const isNumber = part.length <= 3 || /^[12]\d{3}$/.test(part);
      return (isNumber ? inWords(part, language) : null) ?? digitsInWords(part, language);
    }
    const sign = part.length === 1 ? signs.indexOf(part) : -1;
    return sign < 0 ? part : (names[sign] ?? part);
  });
  return words.join(" ");
}

const telephone =
  /(?<![\p{L}\p{N}+@=.])\+\d{1,4}(?:[ ./-]?\(?\d{1,12}\)?){1,8}(?![\p{L}\p{N}@=+])/gu;
const plusSign = signs.indexOf("+");

/**
 * Telephone numbers with the code of a country (`+49 30 1234567`), digit by digit, with a pause between groups. Without
 * one, a number of a telephone cannot be told from others.
 */
export const telephoneRule: Rule = (text, language): Claim[] =>
  claimEach(text, telephone, ([number]) => telephoneInWords(number, language));

/** Null for what has fewer than 8 or more than 15 digits (E.164). */
export function telephoneInWords(number: string, language: Language): string | null {
  const groups = number.match(/\d+/g) ?? [];
  const digits = groups.join("").length;
  if (digits > 15 || digits < 3 || (number.startsWith("+") && digits < 8)) return null;
  const plus = signNames[language].split("|")[plusSign] ?? "";
  const spoken = groups.map((group) => digitsInWords(group, language));
  if (isUnspaced(language)) return `${number.startsWith("+") ? plus : ""}${spoken.join("，")}`;
  return `${number.startsWith("+") ? `${plus} ` : ""}${spoken.join(", ")}`;
}

/** A character by its name where it is a sign of addresses, else itself. */
export function signsInWords(character: string, language: Language): string {
  const at = signs.indexOf(character);
  return (at < 0 ? undefined : signNames[language].split("|")[at]) ?? character;
}
