import { type LanguageChoice, languageTags } from "../../shared/languages.ts";
import { countCodePoints } from "../../shared/text-rules.ts";
import { type Border, balance, type Run } from "./balance.ts";
import { isAudible } from "./clean.ts";
import { guessLanguage } from "./detect-language.ts";
import { clauseEnd, packParts } from "./pack-parts.ts";
import { cutSentences } from "./sentences.ts";
import { speakingUnits } from "./speaking-pace.ts";

/**
 * How much text an engine takes at once, in letters. An ideograph, syllable or kana takes as long as three, and so does
 * a letter that is spelled; a digit, or a sign that is read out, as long as four or more.
 */
export interface SegmentLimits {
  /** Of the first segment, which someone waits for. */
  first: number;
  others: number;
}

const lettersPerIdeograph = 3;
const lettersPerName = 3;
const lettersPerSign = 4;

/** Words that are longer than any segment are cut into runs of so many code points. */
const runCodePoints = 32;

const sentenceEnd = /(?:[.!?…。！？｡]["'”’»›)\]}」』】》]*|\n)\s*$/u;

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** Part of a text, where it begins there, and what follows it. */
export interface Segment {
  text: string;
  /** In UTF-16 units. */
  start: number;
  border: Border;
}

/**
 * Cuts a text into segments of even lengths within the limits, at the ends of sentences; a sentence that is too long alone
 * after a comma or the like, else between words. The first segment keeps to its own limit unless that would tear a phrase.
 * What remains are the segments with something to hear in each, in order: a model makes something up for the others.
 */
export function cutSegments(
  text: string,
  language: LanguageChoice,
  limits: SegmentLimits,
): Segment[] {
  const runs = [...runsOf(text, language)];
  const segments: Segment[] = [];
  let at = 0;
  let start = 0;
  for (const count of balance(runs, { first: limits.first, most: limits.others })) {
    const part = runs.slice(at, at + count);
    at += count;
    const segment = part.map((run) => run.text).join("");
    const border = part.at(-1)?.border ?? "sentence";
    if (isAudible(segment)) segments.push({ text: segment, start, border });
    start += segment.length;
  }
  return segments;
}

/** A text that is spoken in one go. */
export function oneSegment(text: string): Segment {
  return { text, start: 0, border: borderAtEnd(text) };
}

function borderAtEnd(text: string): Border {
  if (sentenceEnd.test(text)) return "sentence";
  return clauseEnd.test(`${text} `) ? "clause" : "word";
}

/** The words of a text, what stands between them, and what kind of end each of them is. */
function* runsOf(text: string, language: LanguageChoice): Generator<Run> {
  const spoken = language === "auto" ? (guessLanguage(text) ?? "english") : language;
  const words = new Intl.Segmenter(languageTags[spoken], { granularity: "word" });
  for (const sentence of cutSentences(text, spoken)) {
    const runs = Array.from(words.segment(sentence.text), ({ segment }) => [
      ...cutRun(segment),
    ]).flat();
    let before = "";
    for (const [index, run] of runs.entries()) {
      const next = runs[index + 1];
      const border = next === undefined ? "sentence" : borderOf(before + run, next);
      yield { text: run, letters: lettersOf(run), border };
      before = run;
    }
  }
}

/** Of a place within a sentence, by the two runs before it and the one behind. */
function borderOf(before: string, next: string): Border {
  if (/^\s/.test(next)) return "inside";
  if (clauseEnd.test(before)) return "clause";
  const isBetweenWords = /[\p{L}\p{N}]$/u.test(before) && /^[\p{L}\p{N}]/u.test(next);
  return /\s$/.test(before) || isBetweenWords ? "word" : "inside";
}

/** What a text measures, in letters. */
export function lettersOf(text: string): number {
  const { ideograph, syllable, kana, name, longName, sign } = speakingUnits(text);
  return (
    countCodePoints(text) +
    (lettersPerIdeograph - 1) * (ideograph + syllable + kana) +
    (lettersPerName - 1) * (name + longName) +
    (lettersPerSign - 1) * sign
  );
}

/** Keeps what a reader sees as one character together, unless that alone is too long. */
function* cutRun(word: string): Generator<string> {
  if (countCodePoints(word) <= runCodePoints) return yield word;
  const characters = Array.from(graphemes.segment(word), ({ segment }) => segment);
  yield* packParts(characters.flatMap(cutCodePoints), {
    max: () => runCodePoints,
    measure: countCodePoints,
  });
}

function cutCodePoints(text: string): string[] {
  return text.match(new RegExp(`.{1,${runCodePoints}}`, "gsu")) ?? [];
}
