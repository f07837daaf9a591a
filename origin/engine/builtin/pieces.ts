// One espeak-ng call blocks its process, so an utterance is spoken in pieces: sentences, where it has them. Other
// utterances take their turn between two pieces, and a cancelled one stops there.
import { type Language, languageTags } from "../../../shared/languages.ts";
import { clauseEnd, packParts } from "../../text/pack-parts.ts";
import { stretches } from "./stretches.ts";

/** Shorter sentences join the next: "Dr." is none. */
const minPieceBytes = 16;
/** About ten seconds of speech in every script, since the denser ones take more bytes. */
const maxPieceBytes = 120;
/** espeak-ng reads only so much of one word. */
const maxWordLength = 40;
const wordCutLength = 16;

/** The silences espeak-ng itself makes inside one call, by what stands before them. */
const pauses: readonly [RegExp, number][] = [
  [/\u2029$/, 0.5],
  [/(?:[.!?…。！？]["'\p{Pe}\p{Pf}]*\s*|\n)$/u, 0.29],
  [clauseEnd, 0.14],
];

export interface Piece {
  text: string;
  language: Language;
  /** The silence between this piece and the next. */
  pauseSeconds: number;
}

/** Cuts a text into pieces to speak one after the other; only white space and controls change. */
export function* pieces(text: string, language: Language): Generator<Piece> {
  for (const stretch of stretches(clean(text), language)) {
    for (const piece of cut(stretch.text, languageTags[stretch.language])) {
      const pause = pauses.find(([ending]) => ending.test(piece));
      yield { text: piece, language: stretch.language, pauseSeconds: pause?.[1] ?? 0 };
    }
  }
}

/**
 * Control and private-use characters are commands inside espeak-ng; a lone surrogate is no character. An empty line
 * becomes a paragraph separator, which ends a sentence as one character.
 */
function clean(text: string): string {
  return text
    .replace(/(?!\n)[\p{Cc}\p{Co}\p{Cs}]/gu, " ")
    .replace(/[^\S\n]+/g, " ")
    .replace(/ ?\n ?\n\s*/g, "\u2029");
}

function* cut(text: string, tag: string): Generator<string> {
  const sentences = new Intl.Segmenter(tag, { granularity: "sentence" });
  const words = new Intl.Segmenter(tag, { granularity: "word" });
  let short = "";
  for (const { segment } of sentences.segment(text)) {
    const sentence = short + segment;
    short = "";
    if (Buffer.byteLength(sentence) < minPieceBytes) short = sentence;
    else yield* cutSentence(sentence, words);
  }
  if (short) yield short;
}

/** Cuts a sentence that is too long, after a comma or the like where it can, else between words. */
function cutSentence(sentence: string, words: Intl.Segmenter): Iterable<string> {
  const parts = Array.from(words.segment(sentence), ({ segment }) => cutWord(segment));
  return packParts(parts.flat(), {
    max: () => maxPieceBytes,
    measure: Buffer.byteLength,
    isBorder: (piece) => clauseEnd.test(piece),
  });
}

function cutWord(word: string): string[] {
  if (word.length <= maxWordLength) return [word];
  return Array.from(
    word.matchAll(new RegExp(`.{1,${wordCutLength}}`, "gsu")),
    ([part]) => `${part} `,
  );
}
