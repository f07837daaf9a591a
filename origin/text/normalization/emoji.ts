import { createRequire } from "node:module";
import { type Language, languageTags } from "../../../shared/languages.ts";
import { inWords, isUnspaced, ordinalInWords } from "./numbers.ts";
import type { Rule } from "./rule.ts";

/** Of one emoji in `emojibase-data`'s `compact.json`. */
interface EmojiEntry {
  unicode: string;
  label?: string;
}

const require = createRequire(import.meta.url);
const namesByLanguage = new Map<Language, ReadonlyMap<string, string>>();

const sequences = "\\p{RGI_Emoji}";
/** Those that are written as text, such as ❤, too. © ® ™ are letters of the text. */
const pictographs = "(?![©®™])\\p{Extended_Pictographic}[\\ufe0f\\u{1f3fb}-\\u{1f3ff}]*";
const emoji = new RegExp(`${sequences}|${pictographs}`, "gv");

/** A row of more is a picture, or a test of patience: nobody reads it out. */
const maxNamed = 8;

/**
 * Emoji by their names in CLDR. One that is repeated is named once, whatever its colour of skin; a row of more than eight
 * different ones, and what has no name, stay as they are.
 */
export const emojiRule: Rule = (text, language) => {
  const rows: { start: number; end: number; emoji: string[] }[] = [];
  for (const match of text.matchAll(emoji)) {
    const end = match.index + match[0].length;
    const last = rows.at(-1);
    if (last && /^(?: |\ufe0f)*$/.test(text.slice(last.end, match.index))) {
      last.end = end;
      if (bare(last.emoji.at(-1) ?? "") !== bare(match[0])) last.emoji.push(match[0]);
    } else {
      rows.push({ start: match.index, end, emoji: [match[0]] });
    }
  }
  return rows.map(({ start, end, emoji: row }) => {
    const names = row.map((one) => nameOf(one, language));
    if (row.length > maxNamed || names.includes(undefined)) return { start, end, text: null };
    const comma = isUnspaced(language) ? "，" : ", ";
    const before = start === 0 || /\s/.test(text[start - 1] ?? "") ? "" : " ";
    const next = text.slice(end, end + 2);
    // What goes on behind the names is none of them.
    const pause = /^ ?\p{L}/u.test(next) ? comma.trimEnd() : "";
    const after = /^[\p{L}\p{N}]/u.test(next) ? " " : "";
    return { start, end, text: `${before}${names.join(comma)}${pause}${after}` };
  });
};

function nameOf(one: string, language: Language): string | undefined {
  const known = namesByLanguage.get(language) ?? readNames(language);
  namesByLanguage.set(language, known);
  return known.get(bare(one));
}

function readNames(language: Language): ReadonlyMap<string, string> {
  const entries: EmojiEntry[] = require(`emojibase-data/${languageTags[language]}/compact.json`);
  return new Map(
    entries.flatMap(({ unicode, label = "" }) => {
      const name = spokenName(label, language);
      return name === null ? [] : [[bare(unicode), name]];
    }),
  );
}

/** A name in letters alone; null of one that has more than numbers and punctuation in it. */
function spokenName(label: string, language: Language): string | null {
  if (/\d:\d/.test(label)) return null;
  const name = label
    .replace(/(\d+)(?:st|nd|rd|th)\b/g, (_, digits) => ordinalInWords(digits, language) ?? digits)
    .replace(/\d+/g, (digits) => inWords(digits, language) ?? digits)
    .replace(/[“”«»„"!()（）#]/gu, "")
    .replace(/\s*[:：&]/gu, ",")
    .trim();
  return /^[\p{L}\p{M}\p{Zs},.'’–・，、-]+$/u.test(name) ? name : null;
}

function bare(one: string): string {
  return one.replace(/[\ufe0f\u{1f3fb}-\u{1f3ff}]/gu, "");
}
