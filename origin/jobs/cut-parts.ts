import type { Language } from "../../shared/languages.ts";
import { countCodePoints } from "../../shared/text-rules.ts";
import { cleanText } from "../text/clean.ts";
import { joinWrappedLines } from "../text/lines.ts";
import { unchanged } from "../text/mapped-text.ts";
import { cutSentences } from "../text/sentences.ts";
import type { ScriptPart } from "./job-record.ts";

/**
 * Half a minute to a minute of speech: what is lost at most when a process is killed, and how long an engine is kept from
 * others.
 */
export const partCodePoints = 600;

/** About what a speaker makes between sentences and paragraphs that are spoken apart. */
const pauseSeconds = { sentence: 0.35, paragraph: 0.6, none: 0 };
const chapterPauseSeconds = 1.5;

/**
 * Cuts a chapter into the parts it is spoken in, after paragraphs where that is not too short, else after sentences, and
 * within a sentence only where it is longer than a part. `characters` shares the chapter's own count among them.
 */
export function cutParts(
  input: string,
  language: Language,
  { isLast, isPlain }: { isLast: boolean; isPlain: boolean },
): ScriptPart[] {
  // What is marked up is for its reader.
  const text = isPlain ? joinWrappedLines(cleanText(unchanged(input)), language).text : input;
  const pieces = cutSentences(text, language).flatMap((sentence) => cutLong(sentence));
  const parts: { text: string; end: keyof typeof pauseSeconds }[] = [];
  let open = "";
  let openCount = 0;
  for (const [index, piece] of pieces.entries()) {
    const count = countCodePoints(piece.text);
    open += piece.text;
    openCount += count;
    const next = pieces[index + 1];
    const isFull = !next || openCount + countCodePoints(next.text) > partCodePoints;
    const endsParagraph = piece.end === "paragraph" && openCount > partCodePoints / 2;
    if (!isFull && !endsParagraph) continue;
    parts.push({ text: open, end: piece.end });
    open = "";
    openCount = 0;
  }
  const counts = share(
    countCodePoints(input),
    parts.map((part) => countCodePoints(part.text)),
  );
  const audible = parts.map(({ text, end }, index) => ({
    text,
    characters: counts[index] ?? 0,
    pauseSeconds: pauseSeconds[end],
  }));
  const last = audible.at(-1);
  if (last) last.pauseSeconds = isLast ? 0 : chapterPauseSeconds;
  return audible;
}

/** A sentence that is longer than a part, between words where there are any. */
function cutLong({ text, end }: { text: string; end: "sentence" | "paragraph" }) {
  const cut: { text: string; end: keyof typeof pauseSeconds }[] = [];
  const pattern = new RegExp(
    `[^]{1,${partCodePoints - 1}}(?:\\s|$)|[^]{1,${partCodePoints}}`,
    "gu",
  );
  for (const piece of text.match(pattern) ?? []) cut.push({ text: piece, end: "none" });
  const last = cut.at(-1);
  if (last) last.end = end;
  return cut;
}

/** Whole shares of a total, as the weights are, that add up to it: cleaning may have changed how much there is. */
function share(total: number, weights: readonly number[]): number[] {
  const weight = weights.reduce((sum, value) => sum + value, 0);
  let before = 0;
  let given = 0;
  return weights.map((value) => {
    before += value;
    const upTo = Math.round((total * before) / weight);
    const own = upTo - given;
    given = upTo;
    return own;
  });
}
