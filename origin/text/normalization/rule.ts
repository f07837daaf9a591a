import type { Language } from "../../../shared/languages.ts";

/** A place that a rule understands. Without a text it stays as it is, and no rule that comes later touches it. */
export interface Claim {
  readonly start: number;
  readonly end: number;
  readonly text: string | null;
}

/** Finds what it understands in a text, in order, in time that is linear in the text's length. */
export type Rule = (text: string, language: Language) => Claim[];

/** What must not stand before a number, or it is a part of something else: a name, a version, a path, a formula. */
export const apartBefore =
  "(?<![\\p{Script=Latin}\\p{Script=Cyrillic}\\p{N}\\p{M}_.:/\\\\\\-–—−#@$€£¥￥₽₩₹№%&+=*^~<>|'’()\\[\\]]|\\d,|[\\d$€£¥￥₽₩₹=+*/^<>×−'’′] |\\d x )";
/** And what must not stand behind it. */
export const apartAfter =
  "(?![\\p{Script=Latin}\\p{Script=Cyrillic}\\p{N}\\p{M}_/\\\\\\-–—−#@$€£¥￥₽₩₹%‰°º&+=*^~<>|)\\]′″×]|[.:'’][\\p{L}\\p{N}]|,\\p{N}|['’] ?\\d| [\\d+=*/^<>−×]| x \\d)";

/** A rule of one pattern, which must be global; null from `say` claims nothing. */
export function claimEach(
  text: string,
  pattern: RegExp,
  say: (match: RegExpExecArray) => string | null,
): Claim[] {
  const claims: Claim[] = [];
  for (const match of text.matchAll(pattern)) {
    const spoken = say(match);
    if (spoken === null) continue;
    claims.push({ start: match.index, end: match.index + match[0].length, text: spoken });
  }
  return claims;
}
