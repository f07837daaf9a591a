import type { Language } from "../../../shared/languages.ts";
import { type MappedText, type Replacement, replaceIn } from "../mapped-text.ts";
import { addressRule, telephoneRule } from "./addresses.ts";
import { dateRule, timeRule } from "./calendar.ts";
import { emojiRule } from "./emoji.ts";
import { abbreviationRule, romanRule } from "./names.ts";
import { codeRule, versionRule } from "./protected.ts";
import { moneyRule, numberRule, ordinalRule, rangeRule, unitRule } from "./quantities.ts";
import type { Rule } from "./rule.ts";

/** What is put in words: all that is understood, or only what nothing reads well that was not made for it. */
export type NormalizationScope = "all" | "unspeakable";

/** In the order in which they claim places of the text: a place belongs to the first rule that understands it. */
const rules: Record<NormalizationScope, readonly Rule[]> = {
  unspeakable: [emojiRule, addressRule],
  all: [
    emojiRule,
    addressRule,
    telephoneRule,
    codeRule,
    dateRule,
    versionRule,
    timeRule,
    moneyRule,
    rangeRule,
    unitRule,
    ordinalRule,
    romanRule,
    abbreviationRule,
    numberRule,
  ],
};

/** Each takes signs away and brings none: far fewer are ever needed. */
const maxPasses = 16;

/** What a text can grow to in words, in UTF-16 units for each of its own. */
export const maxGrowth = 50;

/**
 * Puts in words what is written in signs: emoji, web and e-mail addresses, and with `scope` "all" (the default) numbers,
 * ordinals, dates, times, money, units, ranges, telephone numbers, Roman numerals and abbreviations. Each rule says what it leaves as it is;
 * what none understands is not changed, nor are words that were put into the text to stay (`Span.isFinal`). Doing it again
 * changes nothing more. Takes time in proportion to the text, and makes at most {@link maxGrowth} times its length.
 */
export function normalize(
  mapped: MappedText,
  language: Language,
  { scope = "all" }: { scope?: NormalizationScope } = {},
): MappedText {
  let [before, after] = [mapped, once(mapped, language, rules[scope])];
  // Where an emoji stood against a number, say, the number stands by itself now.
  for (let pass = 1; pass < maxPasses && after.text !== before.text; pass++) {
    [before, after] = [after, once(after, language, rules[scope])];
  }
  return after;
}

function once(mapped: MappedText, language: Language, inOrder: readonly Rule[]): MappedText {
  const { text, spans } = mapped;
  const isClaimed = new Uint8Array(text.length);
  for (const span of spans) if (span.isFinal) isClaimed.fill(1, span.start, span.end);
  const replacements: Replacement[] = [];
  for (const rule of inOrder) {
    for (const { start, end, text: words } of rule(text, language)) {
      if (isClaimed.subarray(start, end).includes(1)) continue;
      isClaimed.fill(1, start, end);
      if (words !== null) replacements.push({ start, end, text: words });
    }
  }
  return replaceIn(
    mapped,
    replacements.sort((a, b) => a.start - b.start),
  );
}
