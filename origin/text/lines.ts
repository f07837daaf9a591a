import type { Language } from "../../shared/languages.ts";
import { abbreviationsOf } from "./abbreviations.ts";
import { type MappedText, type Replacement, replaceIn } from "./mapped-text.ts";

/** A line break by itself, with the word before it and the beginning of the next line. */
const lineBreak = /(?<before>[\p{L}\p{M}.]{0,24}[^\s])[^\S\n]*\n[^\S\n]*(?=(?<after>[^\n]{1,8}))/gu;
/** "- ", "• ", "1. ", "2) ", "a) ": what begins an item of a list. */
const itemStart = /^(?:[-*+•‣◦·–—▪●]|\(?(?:\p{N}{1,3}|\p{L})[.)])\s/u;
const lowerStart = /^[\p{Ps}\p{Pi}"'„]?\p{Ll}/u;

/**
 * Joins the lines that were wrapped to fit a page or a screen: a line that begins with a lower-case letter goes on with
 * the one before it, unless it is an item of a list; and so does a name after its title. All other line breaks stay.
 */
export function joinWrappedLines(mapped: MappedText, language: Language): MappedText {
  const { before: titles } = abbreviationsOf(language);
  const breaks: Replacement[] = [];
  for (const match of mapped.text.matchAll(lineBreak)) {
    const { before = "", after = "" } = match.groups ?? {};
    const isTitle = before.endsWith(".") && titles.has(before.slice(0, -1).toLowerCase());
    const isWrapped = isTitle || (lowerStart.test(after) && !itemStart.test(after));
    if (!isWrapped) continue;
    // A word parted at its hyphen, or a hyphen at which the line was parted: either way nothing comes between.
    const text = /\p{L}-$/u.test(before) ? "" : " ";
    const end = match.index + match[0].length;
    breaks.push({ start: match.index + before.length, end, text });
  }
  return replaceIn(mapped, breaks);
}
