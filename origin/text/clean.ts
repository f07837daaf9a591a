import { type MappedText, replaceEach } from "./mapped-text.ts";

/**
 * Texts as people have them: copied from PDFs, word processors and web pages. What is cleaned away was never meant to be
 * heard; what is put in its place is what a reader sees.
 */

/** What the bytes 0x80 to 0x9f are in Windows-1252, in which texts that hold these control characters were written. */
const windows1252 = "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ";
const windows1252Codes = [
  0x80, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8b, 0x8c, 0x8e, 0x91, 0x92, 0x93,
  0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9a, 0x9b, 0x9c, 0x9e, 0x9f,
];
const windows1252Characters = new Map(
  windows1252Codes.map((code, index) => [String.fromCharCode(code), windows1252[index] ?? " "]),
);

const blankLine = "\n\n";

/** In the order in which they apply. */
const rules: readonly [RegExp, string | ((match: string) => string)][] = [
  // Marks of direction, U+200B and its kind, and what belongs to no text.
  [/[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu, ""],
  // Joiners make one emoji of several; between letters that are read alone they say nothing.
  [/(?<=[\p{Script=Latin}\p{Script=Cyrillic}\s]|^)[\u200c\u200d]+/gu, ""],
  // A word that was hyphenated at the end of a line.
  [/\u00ad+(?:\r\n|[\r\n\v\f\u2028])?/gu, ""],
  [/\r\n|[\r\u0085\u2028]/gu, "\n"],
  [/\u2029/gu, blankLine],
  [/[\u0080-\u009f]/gu, (control) => windows1252Characters.get(control) ?? " "],
  // A page or a column ends where it is full, be it within a sentence.
  [/\n?[\v\f]+\n?/gu, "\n"],
  // Private-use characters are the symbols of fonts, and the first of Symbol's bullets is everywhere.
  [/\uf0b7/gu, "•"],
  [/(?!\n)[\p{Cc}\p{Co}\ufffc]/gu, " "],
  // Ligatures, and letters and digits in the forms of East Asian type or mathematics.
  [
    /[\ufb00-\ufb06\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\uff66-\uff9f\u{1d400}-\u{1d7ff}]+/gu,
    (forms) => forms.normalize("NFKC"),
  ],
  [/(?!\n)\s/gu, " "],
];

/**
 * Makes white space of control characters, leaves out what is neither seen nor heard, joins what soft hyphens part, and
 * takes ligatures and the like for the letters they show. Line breaks are `\n`, other white space is a space.
 */
export function cleanText(text: MappedText): MappedText {
  return rules.reduce(
    (cleaned, [pattern, replacement]) =>
      replaceEach(cleaned, pattern, ([match]) =>
        typeof replacement === "string" ? replacement : replacement(match),
      ),
    text,
  );
}

/**
 * Letters, digits, and signs and emoji that have names. Stops, dashes, quotes, brackets, and what is drawn rather than
 * written are none.
 */
const audible = /[\p{L}\p{N}#%&*/@§\\¶]|(?![<>|^`´¨¯¸˙˚˘˝˛ˇ~¦\u2500-\u25ff★☆])\p{S}/u;

/** Whether there is anything in a text that makes a sound, whatever the engine: a model would make some up. */
export function isAudible(text: string): boolean {
  return audible.test(text);
}
