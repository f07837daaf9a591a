// One espeak-ng call blocks its process, so an utterance is spoken in pieces: sentences, or parts of them. Other
// utterances take their turn between two pieces, and a cancelled one stops there.
import { type Language, languageTags } from "../../../shared/languages.ts";
import {
  type MappedText,
  type Replacement,
  replaceEach,
  replaceIn,
  sliceOf,
  unchanged,
} from "../../text/mapped-text.ts";
import { clauseEnd, packParts } from "../../text/pack-parts.ts";
import { cutSentences, type Sentence } from "../../text/sentences.ts";
import { stretches } from "./stretches.ts";

/** About ten seconds of speech in every script, since the denser ones take more bytes. */
const maxPieceBytes = 120;
/** espeak-ng reads only so much of one word. */
const maxWordLength = 40;
/** A part of one that is longer. */
const wordPart = /.{1,16}/gsu;

/** The silences espeak-ng itself makes inside one call. */
const pauses: Record<Sentence["end"] | "clause", number> = {
  paragraph: 0.5,
  sentence: 0.29,
  clause: 0.14,
};

export interface Piece {
  /** Its source is the text that was cut. */
  text: MappedText;
  language: Language;
  /** The silence between this piece and the next. */
  pauseSeconds: number;
}

/**
 * Cuts a text into pieces to speak one after the other. White space and controls become spaces, and full stops within
 * sentences lose what espeak-ng would take for the end of one.
 */
export function* pieces(text: string, language: Language): Generator<Piece> {
  const words = new Intl.Segmenter(languageTags[language], { granularity: "word" });
  const plain = withoutCommands(unchanged(text));
  let at = 0;
  for (const sentence of cutSentences(plain.text, language)) {
    const written = sliceOf(plain, at, at + sentence.text.length);
    at += sentence.text.length;
    const spoken = joinStops(replaceEach(written, /\s+/gu, () => " "));
    const parts: Omit<Piece, "pauseSeconds">[] = [];
    let from = 0;
    for (const stretch of stretches(spoken.text, language)) {
      const to = from + stretch.text.length;
      for (const part of cutStretch(sliceOf(spoken, from, to), words)) {
        parts.push({ text: part, language: stretch.language });
      }
      from = to;
    }
    for (const [index, part] of parts.entries()) {
      const isLast = index === parts.length - 1;
      const inside = clauseEnd.test(part.text.text) ? pauses.clause : 0;
      yield { ...part, pauseSeconds: isLast ? pauses[sentence.end] : inside };
    }
  }
}

/** Control and private-use characters are commands inside espeak-ng; a lone surrogate is no character. */
function withoutCommands(text: MappedText): MappedText {
  return replaceEach(text, /(?!\n)[\p{Cc}\p{Co}\p{Cs}]/gu, () => " ");
}

/**
 * espeak-ng pauses after a full stop when a capital or a number follows. Before a word in lower case it does not, and
 * still knows abbreviations and ordinals by their stops; where that is not to be had, the stop goes.
 */
function joinStops(sentence: MappedText): MappedText {
  const lowered = replaceEach(
    sentence,
    /(?<=[\p{L}\p{N}]\. )\p{Lu}(?=[\p{Ll}\p{M}])/gu,
    ([capital]) => capital.toLowerCase(),
  );
  return replaceEach(
    lowered,
    /(?<=[\p{L}\p{N}])\.(?= [\p{Lu}\p{N}]|["'\p{Pe}\p{Pf}]+ \p{Ll})/gu,
    () => "",
  );
}

/** Cuts a stretch that is too long, after a comma or the like where it can, else between words. */
function* cutStretch(stretch: MappedText, words: Intl.Segmenter): Generator<MappedText> {
  const { text } = stretch;
  if (Buffer.byteLength(text) <= maxPieceBytes && text.length <= maxWordLength)
    return yield stretch;
  const cut = withCutWords(stretch, words);
  const parts = Array.from(words.segment(cut.text), ({ segment }) => segment);
  let from = 0;
  for (const piece of packParts(parts, {
    max: () => maxPieceBytes,
    measure: Buffer.byteLength,
    isBorder: (piece) => clauseEnd.test(piece),
  })) {
    yield sliceOf(cut, from, from + piece.length);
    from += piece.length;
  }
}

/** Parts the words that are longer than espeak-ng reads. */
function withCutWords(stretch: MappedText, words: Intl.Segmenter): MappedText {
  const gaps: Replacement[] = [];
  for (const { segment, index } of words.segment(stretch.text)) {
    if (segment.length <= maxWordLength) continue;
    for (const { 0: part, index: within } of segment.matchAll(wordPart)) {
      const end = index + within + part.length;
      gaps.push({ start: end, end, text: " " });
    }
  }
  return replaceIn(stretch, gaps);
}
