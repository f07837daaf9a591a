/** Where sentences end, by their stops, by what stands around these, and by the lines of the text. */
import type { Language } from "../../shared/languages.ts";
import { type Abbreviations, abbreviationsOf } from "./abbreviations.ts";

export interface Sentence {
  /** With the white space after it. */
  text: string;
  /** What it ends: a paragraph where an empty line follows. */
  end: "sentence" | "paragraph";
}

const stops = "[.!?…。！？｡]+";
/** Quotes and brackets that close with a sentence. French puts a space before its quotes, and German opens with them. */
const closers = String.raw`(?:["'”’“‘»›«‹)\]}」』】》〉）］]| »(?=[\s\p{P}]|$))*`;
const candidate = new RegExp(
  `(?<stops>${stops})(?<closers>${closers})(?<space>\\p{White_Space}*)|\\n\\p{White_Space}*`,
  "gu",
);
const lineStart = /\n/;
const emptyLine = /\n[^\S\n]*\n/;

/** What comes next, past quotes, brackets and marks that open: a word, a number, or something else. */
const upcoming = /[\p{Ps}\p{Pi}"'„¿¡*_\s]*(?:(?<word>\p{L}[\p{L}\p{M}'’]*)|(?<number>\p{N}))?/uy;
/** The word before a stop; the longest that matters is far shorter. */
const wordBefore = /[\p{L}\p{M}\p{N}'’.\-№]+$/u;
const wordLimit = 32;

const spokenAlone = /^[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}]/u;
/** After a Japanese quotation what was said goes on to who said it. */
const goesOnAfterQuote = /[とってがのはをに、，,]/y;
/** Of an article, as in "l'Avv." */
const elision = /^\p{L}{1,5}['’]/u;
const vowel = /[aeiouyаеёиоуыэюя]/iu;

/**
 * Cuts a text into its sentences, by the rules of the language it is in. Every line break ends one: lines that are only
 * wrapped have to be joined before. Joined, the sentences are the text.
 */
export function cutSentences(text: string, language: Language): Sentence[] {
  const abbreviations = abbreviationsOf(language);
  const sentences: Sentence[] = [];
  let start = 0;

  function cut(end: number, space: string): void {
    const isParagraph = emptyLine.test(space);
    sentences.push({ text: text.slice(start, end), end: isParagraph ? "paragraph" : "sentence" });
    start = end;
  }

  for (const match of text.matchAll(candidate)) {
    const { stops = "", closers = "", space = match[0] } = match.groups ?? {};
    const end = match.index + match[0].length;
    const place = {
      text,
      start,
      language,
      abbreviations,
      at: match.index,
      stops,
      closers,
      space,
      end,
    };
    if (stops === "" || lineStart.test(space) || isSentenceEnd(place)) cut(end, space);
  }
  if (start < text.length) cut(text.length, "");
  return sentences;
}

/** How much of a line tells whether it goes on with the one before, or is an item of a list. */
const lineStartCharacters = 8;

/**
 * Whether the end of a sentence there holds however the text goes on, of a text that is still being written: the word that
 * comes next has to be whole.
 */
export function isDecided(text: string, end: number): boolean {
  const before = text.slice(Math.max(0, end - wordLimit), end);
  if (/\n\s*$/.test(before)) {
    const [line = ""] = text.slice(end).split("\n", 1);
    return line.length >= lineStartCharacters || end + line.length < text.length;
  }
  upcoming.lastIndex = end;
  if (/[。！？｡]\P{L}*$/u.test(before)) return end < text.length;
  upcoming.exec(text);
  return upcoming.lastIndex > 0 && upcoming.lastIndex < text.length;
}

/** Stops in a text, with what closes after them and the space that follows. */
interface Place {
  text: string;
  /** Of the sentence so far. */
  start: number;
  language: Language;
  abbreviations: Abbreviations;
  /** Where the stops begin. */
  at: number;
  stops: string;
  closers: string;
  space: string;
  /** Where the space ends. */
  end: number;
}

interface Next {
  word: string;
  kind: "lower" | "upper" | "number" | "other";
}

function isSentenceEnd(place: Place): boolean {
  const { text, stops, closers, space, end } = place;
  if (end === text.length) return true;
  if (/[。！？｡]/.test(stops)) {
    goesOnAfterQuote.lastIndex = end;
    return !(closers && goesOnAfterQuote.test(text));
  }
  const next = readNext(text, end);
  if (space === "") return /[!?]$/.test(stops) && spokenAlone.test(next.word);
  const isEllipsis = /…|\.\.|\. /.test(stops) || stops.length > 1;
  if (/[!?]/.test(stops)) return !(closers && next.kind === "lower");
  if (closers && next.kind === "lower") return false;
  if (isEllipsis) return next.kind !== "lower" && text[end] !== ".";
  return endsWithFullStop(place, next);
}

function readNext(text: string, at: number): Next {
  upcoming.lastIndex = at;
  const { word = "", number } = upcoming.exec(text)?.groups ?? {};
  if (number !== undefined) return { word, kind: "number" };
  if (/^\p{Ll}/u.test(word)) return { word, kind: "lower" };
  return { word, kind: /^\p{Lu}/u.test(word) ? "upper" : "other" };
}

/** Whether one full stop ends a sentence, or belongs to the word or number before it. */
function endsWithFullStop(place: Place, next: Next): boolean {
  const { text, start, at, language, abbreviations, end } = place;
  if (text[end] === ".") return false;
  const before = text.slice(Math.max(start, at - wordLimit), at);
  const word = wordBefore.exec(before)?.[0] ?? "";
  const isAlone = text.slice(start, at).trim() === word;
  const startsSentence = next.kind === "upper" && abbreviations.starters.has(next.word);

  // ". . ." is an ellipsis.
  if (word === "") return next.kind !== "lower" || text[at - 1] !== " ";
  // The number or letter of a list's item.
  if (isAlone && /^(?:\p{N}{1,3}|\p{L}|[ivx]{1,4})$/iu.test(word)) return false;
  if (/^\p{N}+$/u.test(word)) return endsWithNumber(word, next, startsSentence, language);
  if (/^(?:\p{N}+\.)+\p{N}*$/u.test(word)) return next.kind !== "lower";
  if (/^\p{L}$/u.test(word)) return endsWithLetter(place, word, next, startsSentence);
  if (has(abbreviations.before, word)) return false;
  if (has(abbreviations.numbered, word) && next.kind === "number") return false;
  if (has(abbreviations.last, word)) return next.kind !== "lower";
  if (has(abbreviations.either, word)) return startsSentence || next.kind === "other";
  if (/^(?:\p{L}{1,3}\.-?)+\p{L}{1,2}$/u.test(word)) return startsSentence || next.kind === "other";
  if (/^[IVXLCM]{2,}$/.test(word)) {
    return startsSentence || (next.kind !== "lower" && language !== "german");
  }
  // What nobody could pronounce is an abbreviation that is in no list.
  return next.kind !== "lower" || vowel.test(word.normalize("NFD"));
}

/** An ordinal number is written with a full stop in German, and now and then elsewhere. */
function endsWithNumber(
  word: string,
  next: Next,
  startsSentence: boolean,
  language: Language,
): boolean {
  if (next.kind === "lower") return false;
  return language !== "german" || word.length > 2 || startsSentence;
}

/** An initial, or one of the letters of "z. B.", "p. ex." or "и т. д.". */
function endsWithLetter(place: Place, word: string, next: Next, startsSentence: boolean): boolean {
  const { text, at, abbreviations } = place;
  if (next.kind === "lower") return false;
  const pair = /(\p{L})\. ?(?=\p{L}$)/u.exec(text.slice(Math.max(0, at - 4), at))?.[1];
  if (pair && has(abbreviations.last, `${pair}.${word}`)) return true;
  return startsSentence || next.kind === "other";
}

function has(words: ReadonlySet<string>, word: string): boolean {
  const bare = word.replace(elision, "");
  return words.has(bare) || words.has(bare.toLowerCase());
}
