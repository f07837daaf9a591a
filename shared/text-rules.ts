import { languages } from "./languages.ts";
import { findForeignScript } from "./scripts.ts";

const listed = languages.map((name) => name.charAt(0).toUpperCase() + name.slice(1));

/** Longest `input` and `instructions`, in Unicode code points of the composed form, which is what is spoken. */
export const maxTextCodePoints = 4096;

/** White space, control characters, which are read as white space, and what is neither seen nor heard by itself. */
const nothingToSay =
  /^[\p{White_Space}\p{Cc}\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]*$/u;

/** The one form (NFC) of a text that Unicode can write in several: "é" may be one code point or two. */
export function toComposed(text: string): string {
  return text.normalize("NFC");
}

/** Counts Unicode code points; a surrogate pair is one, a lone surrogate is one. */
export function countCodePoints(text: string): number {
  let count = text.length;
  for (let i = 0; i < text.length - 1; i++) {
    if (isHighSurrogate(text.charCodeAt(i)) && isLowSurrogate(text.charCodeAt(i + 1))) {
      count--;
      i++;
    }
  }
  return count;
}

export interface TextProblem {
  code: string;
  /** Completes a sentence that begins with the field's name. */
  rule: string;
}

/** Whether a text is nothing but white space, control characters and invisible ones such as U+200B. */
export function isBlank(text: string): boolean {
  return nothingToSay.test(text);
}

/** What keeps a text from being spoken, or undefined. `required` refuses a blank one. */
export function findTextProblem(
  text: string,
  { required, maxCodePoints = maxTextCodePoints }: { required: boolean; maxCodePoints?: number },
): TextProblem | undefined {
  const composedCount = countCodePoints(toComposed(text));
  if (composedCount > maxCodePoints) {
    return {
      code: "string_above_max_length",
      rule: `must have at most ${maxCodePoints} characters (Unicode code points); it has ${composedCount}`,
    };
  }
  const count = countCodePoints(text);
  if (required && isBlank(text)) {
    return {
      code: "string_below_min_length",
      rule: `must have something to say; it has ${count} characters, none but white space`,
    };
  }
  const foreign = required ? findForeignScript(text) : undefined;
  if (foreign) {
    return {
      code: "unsupported_language",
      rule: `must be in ${listed.slice(0, -1).join(", ")} or ${listed.at(-1)}; ${foreign.letters} of its ${foreign.of} letters are ${foreign.language}`,
    };
  }
  const lone = findLoneSurrogate(text);
  if (lone !== undefined) {
    return {
      code: "invalid_unicode",
      rule: `must be well-formed Unicode; character ${countCodePoints(text.slice(0, lone)) + 1} of ${count} is half of a surrogate pair`,
    };
  }
  return undefined;
}

export function findLoneSurrogate(text: string): number | undefined {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (isLowSurrogate(unit)) return i;
    if (!isHighSurrogate(unit)) continue;
    if (!isLowSurrogate(text.charCodeAt(i + 1))) return i;
    i++;
  }
  return undefined;
}

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;
const isLowSurrogate = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff;
