/** A text in the chapters it is read in. */
export interface Book {
  /** As it says itself. */
  title: string | null;
  /** In order, each with something to say. */
  chapters: BookChapter[];
  /** What of it is not read, a sentence each. */
  notes: string[];
}

export interface BookChapter {
  title: string | null;
  /** Plain text, with an empty line between paragraphs. */
  text: string;
}

const maxTitleCodePoints = 200;

/** A title in one line, no longer than a list shows; null for a blank one. */
export function toTitle(text: string): string | null {
  const letters = Array.from(text.replace(/\s+/gu, " ").trim());
  if (letters.length === 0) return null;
  if (letters.length <= maxTitleCodePoints) return letters.join("");
  return `${letters.slice(0, maxTitleCodePoints - 1).join("")}…`;
}
