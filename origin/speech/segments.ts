import { type LanguageChoice, languageTags } from "../../shared/languages.ts";
import { clauseEnd, packParts } from "../text/pack-parts.ts";

/** How much text an engine takes at once, in letters; an ideograph, syllable or kana takes as long as three. */
export interface SegmentLimits {
  /** Of the first segment, which someone waits for. */
  first: number;
  others: number;
}

const lettersPerIdeograph = 3;
const ideograph = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/gu;

/** Words that are longer than any segment are cut into runs of so many code points. */
const runCodePoints = 32;

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
    for (const { segment } of sentences.segment(text)) {
      if (measure(segment) <= shortest) yield segment;
      else yield* clauses(segment);
    }
  }

  function clauses(sentence: string): Iterable<string> {
    const runs = Array.from(words.segment(sentence), ({ segment }) => cutRun(segment));
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
  return Array.from(segments).filter((segment) => segment.trim() !== "");
}

function measure(text: string): number {
  const ideographs = text.match(ideograph)?.length ?? 0;
  return Array.from(text).length + (lettersPerIdeograph - 1) * ideographs;
}

function cutRun(word: string): string[] {
  return word.match(new RegExp(`.{1,${runCodePoints}}`, "gsu")) ?? [word];
}
