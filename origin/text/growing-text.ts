import type { Language, LanguageChoice } from "../../shared/languages.ts";
import type { Border } from "./balance.ts";
import { cleanText } from "./clean.ts";
import { guessLanguage } from "./detect-language.ts";
import { joinWrappedLines } from "./lines.ts";
import { type MappedText, sourceRange, unchanged } from "./mapped-text.ts";
import { cutSegments, lettersOf, type SegmentLimits } from "./segments.ts";
import { cutSentences, isDecided } from "./sentences.ts";

/** A part of a text that is still being written: whole sentences, or what a long one is parted into. */
export interface Stretch {
  /** As it was sent, with the white space after it. */
  text: string;
  border: Border;
}

export interface GrowingText {
  /** Takes what comes next of the text, and gives the stretches that are safe with it. */
  append(text: string): Stretch[];
  /** Gives the rest, whether or not it ends like a sentence. What comes then begins anew. */
  flush(): Stretch[];
}

interface GrowingTextOptions {
  language: LanguageChoice;
  /** What a text is in whose language does not tell. */
  defaultLanguage: Language;
  /** Null never parts the text, until it is flushed. */
  limits: SegmentLimits | null;
}

/** Of a stretch, in letters: someone waits for the first, and those after it are written while it is heard. */
const leastLetters = { first: 15, others: 40 };

/** Without one of these nothing ends. */
const mayEnd = /[.!?…。！？｡\n\r\u0085\u2028\u2029\v\f]/u;
/** After a letter the word may go on, and what a word is may hang on its end. */
const withinWord = /[\p{L}\p{M}'’\ud800-\udfff]/u;
/** Words are not parted by spaces here. */
const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;

/**
 * Cuts a text into stretches while it is written. A stop ends a sentence once the word after it has been read, or at a
 * flush. The text is read character by character whatever pieces it comes in, and only what has been read counts, so the
 * same text with the same flushes is always cut the same.
 */
export function createGrowingText({
  language,
  defaultLanguage,
  limits,
}: GrowingTextOptions): GrowingText {
  let pending = "";
  let lastTold = defaultLanguage;
  let isFirst = true;

  function read(): { mapped: MappedText; spoken: Language } {
    const cleaned = cleanText(unchanged(pending));
    const told = language === "auto" ? guessLanguage(cleaned.text) : language;
    const spoken = told ?? lastTold;
    return { mapped: joinWrappedLines(cleaned, spoken), spoken };
  }

  function take(mapped: MappedText, end: number, border: Border, spoken: Language): Stretch {
    const at = sourceRange(mapped, end, end + 1).start;
    const text = pending.slice(0, at);
    pending = pending.slice(at);
    lastTold = spoken;
    isFirst = false;
    return { text, border };
  }

  /** Whole sentences behind which enough stands to know that they end there. */
  function takeSentences(): Stretch | undefined {
    if (!mayEnd.test(pending)) return undefined;
    const { mapped, spoken } = read();
    const least = isFirst ? leastLetters.first : leastLetters.others;
    let end = 0;
    for (const sentence of cutSentences(mapped.text, spoken)) {
      end += sentence.text.length;
      if (!isDecided(mapped.text, end)) return undefined;
      if (lettersOf(mapped.text.slice(0, end)) >= least) {
        return take(mapped, end, "sentence", spoken);
      }
    }
    return undefined;
  }

  /** The beginning of a sentence that is too long to be waited for. */
  function takeBeginning({ first, others }: SegmentLimits): Stretch | undefined {
    const letters = lettersOf(pending);
    if (letters <= (isFirst ? first : others)) return undefined;
    const { mapped, spoken } = read();
    const [head, next] = cutSegments(mapped.text, spoken, {
      first: isFirst ? first : others,
      others,
    });
    if (!head || !next) return undefined;
    const isPhrase = head.border === "sentence" || head.border === "clause";
    if (letters <= others && !isPhrase) return undefined;
    return take(mapped, next.start, head.border, spoken);
  }

  function step(unit: string): Stretch | undefined {
    pending += unit;
    if (!limits) return undefined;
    if (withinWord.test(unit) && !unspaced.test(unit)) return undefined;
    return takeSentences() ?? takeBeginning(limits);
  }

  return {
    append(text) {
      return Array.from({ length: text.length }, (_, index) => step(text.charAt(index))).filter(
        (stretch) => stretch !== undefined,
      );
    },
    flush() {
      if (pending === "") return [];
      const rest: Stretch = { text: pending, border: "sentence" };
      pending = "";
      isFirst = false;
      return [rest];
    },
  };
}
