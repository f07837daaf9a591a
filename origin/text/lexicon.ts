import type { Lexicon } from "../../shared/lexicon-rules.ts";
import { type MappedText, type Replacement, replaceIn } from "./mapped-text.ts";

/** Letters of scripts that put no spaces between words. */
const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー]/u;
const wordCharacter = /[\p{L}\p{M}\p{N}_]/u;

/**
 * Puts the respellings in the places of their words, in one pass: what was put in is not looked at again, and is marked as
 * final, so that no rule of normalization changes it. Words are whole words and plain text, which may have spaces and signs in them;
 * Chinese and Japanese ones are found within others, too. The longest of those that begin in one place wins. A word in the very case of an entry takes
 * it; else one in any case takes the entry that is the same without its case, the first of several in the order of code units.
 */
export function applyLexicon(mapped: MappedText, lexicon: Lexicon): MappedText {
  const words = Object.keys(lexicon)
    .filter((word) => word !== "")
    .sort();
  if (words.length === 0) return mapped;
  const folded = new Map<string, string>();
  for (const word of words) if (!folded.has(fold(word))) folded.set(fold(word), word);
  const alternatives = [...words]
    .sort((a, b) => b.length - a.length)
    .map((word) => `${borderBefore(word)}${escaped(word)}${borderAfter(word)}`);
  const replacements: Replacement[] = [];
  for (const match of mapped.text.matchAll(new RegExp(alternatives.join("|"), "giu"))) {
    const [found] = match;
    const entry = Object.hasOwn(lexicon, found) ? found : folded.get(fold(found));
    const text = entry === undefined ? undefined : lexicon[entry];
    if (text === undefined) continue;
    replacements.push({ start: match.index, end: match.index + found.length, text, isFinal: true });
  }
  return replaceIn(mapped, replacements);
}

function fold(word: string): string {
  return word.toLowerCase();
}

function escaped(word: string): string {
  return word.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}

/** A sign at the edge of a word is a border by itself. */
function borderBefore(word: string): string {
  const [first = ""] = word;
  return wordCharacter.test(first) && !unspaced.test(first) ? "(?<![\\p{L}\\p{M}\\p{N}_])" : "";
}

function borderAfter(word: string): string {
  const last = Array.from(word).at(-1) ?? "";
  return wordCharacter.test(last) && !unspaced.test(last) ? "(?![\\p{L}\\p{M}\\p{N}_])" : "";
}
