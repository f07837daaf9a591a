import { type LanguageChoice, languageTags } from "../../shared/languages.ts";
import { countCodePoints } from "../../shared/text-rules.ts";
import { countNames } from "../engine/qwen3/duration-bounds.ts";
import { clauseEnd, packParts } from "../text/pack-parts.ts";

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
const ideograph = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/gu;

/** Words that are longer than any segment are cut into runs of so many code points. */
const runCodePoints = 32;

/** A full stop that ends no sentence: after a title, an initial, the number of a list or a date. */
const abbreviation =
  /(?<![\p{L}\p{N}])(?:[DJMS]r|Mrs|Ms|Mme|Prof|St|Hr|Fr|Sra|Dra|vs|No|\p{Lu}|\d{1,2})\.\s*$/u;

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/**
 * Cuts a text at the ends of sentences into segments within the limits; a sentence that is too long alone after a comma
 * or the like, else between words. What remains are one or more segments with something in each, in order.
 */
export function cutSegments(
  text: string,
  language: LanguageChoice,
  limits: SegmentLimits,
): string[] {
  const tag = language === "auto" ? undefined : languageTags[language];
  const sentences = new Intl.Segmenter(tag, { granularity: "sentence" });
  const words = new Intl.Segmenter(tag, { granularity: "word" });
  const shortest = Math.min(limits.first, limits.others);

  function* parts(): Generator<string> {
    let sentence = "";
    for (const { segment } of sentences.segment(text)) {
      sentence += segment;
      if (abbreviation.test(sentence) && sentence.length < shortest) continue;
      if (measure(sentence) <= shortest) yield sentence;
      else yield* clauses(sentence);
      sentence = "";
    }
    yield* clauses(sentence);
  }

  function clauses(sentence: string): Iterable<string> {
    const runs = Array.from(words.segment(sentence), ({ segment }) => Array.from(cutRun(segment)));
    return packParts(runs.flat(), {
      max: () => shortest,
      measure,
      isBorder: (piece) => clauseEnd.test(piece),
    });
  }

  const segments = packParts(parts(), {
    max: (index) => (index === 0 ? limits.first : limits.others),
    measure,
  });
  return Array.from(segments).filter((segment) => /\P{White_Space}/u.test(segment));
}

function measure(text: string): number {
  const ideographs = text.match(ideograph)?.length ?? 0;
  const { letters, signs } = countNames(text);
  return (
    countCodePoints(text) +
    (lettersPerIdeograph - 1) * ideographs +
    (lettersPerName - 1) * letters +
    (lettersPerSign - 1) * signs
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
