// One espeak-ng call blocks its process, so an utterance is spoken in pieces: sentences, or parts of them. Other
// utterances take their turn between two pieces, and a cancelled one stops there.
import { type Language, languageTags } from "../../../shared/languages.ts";
import { clauseEnd, packParts } from "../../text/pack-parts.ts";
import { cutSentences, type Sentence } from "../../text/sentences.ts";
import { stretches } from "./stretches.ts";

/** About ten seconds of speech in every script, since the denser ones take more bytes. */
const maxPieceBytes = 120;
/** espeak-ng reads only so much of one word. */
const maxWordLength = 40;
const wordCutLength = 16;

/** The silences espeak-ng itself makes inside one call. */
const pauses: Record<Sentence["end"] | "clause", number> = {
  paragraph: 0.5,
  sentence: 0.29,
  clause: 0.14,
};

export interface Piece {
  text: string;
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
  for (const sentence of cutSentences(withoutCommands(text), language)) {
    const spoken = joinStops(sentence.text.replace(/\s+/gu, " "));
    const parts = Array.from(stretches(spoken, language), (stretch) =>
      Array.from(cutStretch(stretch.text, words), (part) => ({ ...stretch, text: part })),
    ).flat();
    for (const [index, part] of parts.entries()) {
      const isLast = index === parts.length - 1;
      const inside = clauseEnd.test(part.text) ? pauses.clause : 0;
      yield { ...part, pauseSeconds: isLast ? pauses[sentence.end] : inside };
    }
  }
}

/** Control and private-use characters are commands inside espeak-ng; a lone surrogate is no character. */
function withoutCommands(text: string): string {
  return text.replace(/(?!\n)[\p{Cc}\p{Co}\p{Cs}]/gu, " ");
}

/**
 * espeak-ng pauses after a full stop when a capital or a number follows. Before a word in lower case it does not, and
 * still knows abbreviations and ordinals by their stops; where that is not to be had, the stop goes.
 */
function joinStops(sentence: string): string {
  return sentence
    .replace(/(?<=[\p{L}\p{N}]\. )\p{Lu}(?=[\p{Ll}\p{M}])/gu, (capital) => capital.toLowerCase())
    .replace(/(?<=[\p{L}\p{N}])\.(?= [\p{Lu}\p{N}]|["'\p{Pe}\p{Pf}]+ \p{Ll})/gu, "");
}

/** Cuts a stretch that is too long, after a comma or the like where it can, else between words. */
function cutStretch(stretch: string, words: Intl.Segmenter): Iterable<string> {
  if (Buffer.byteLength(stretch) <= maxPieceBytes && stretch.length <= maxWordLength)
    return [stretch];
  const parts = Array.from(words.segment(stretch), ({ segment }) => cutWord(segment));
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
