import { walkDocument, type XmlElement } from "./xml.ts";

/** A document as it is read out. */
export interface DocumentText {
  /** With an empty line between blocks. */
  text: string;
  /** Where in the text elements begin, by their ids, as far as these were asked for. */
  places: Map<string, number>;
  /** The first heading; null where there is none. */
  heading: string | null;
  /** Footnotes that are not read. */
  leftOutNotes: number;
}

const blocks = new Set(
  (
    "address article aside blockquote body caption center dd details dialog div dl dt fieldset figcaption figure footer " +
    "form h1 h2 h3 h4 h5 h6 header hr legend li main nav ol p pre section summary table tbody tfoot thead tr ul"
  ).split(" "),
);
const headings = new Set(["h1", "h2", "h3", "h4", "h5", "h6"]);
/** Nothing in them is for reading out; what stands in `rt` and `rp` is said once more by what they explain. */
const silent = new Set(
  "head script style template svg audio video iframe object canvas select textarea rt rp".split(
    " ",
  ),
);
/** EPUB's structural semantics, and the roles of WAI-ARIA that took their place. */
const notes = /^(?:doc-)?(?:footnotes?|endnotes?|rearnotes?)$/;
const marks = /^(?:doc-)?(?:noteref|pagebreak|page-list)$/;

/** What comes between two pieces of text, the later of these before the earlier. */
const gaps = ["", " ", ", ", "\n", "\n\n"] as const;
type Gap = (typeof gaps)[number];

/**
 * Reads an XHTML document as it is shown: white space is collapsed, blocks are paragraphs, cells of a table have commas
 * between them, and of images there is what stands in their place. Footnotes, the marks of these, and page numbers are left out.
 */
export function readXhtml(source: string, path: string, wanted: ReadonlySet<string>): DocumentText {
  const places = new Map<string, number>();
  let text = "";
  let gap: Gap = "";
  /** How many open elements there are within one that is not read, itself included. */
  let unread = 0;
  let preformatted = 0;
  let leftOutNotes = 0;
  let headingStart: number | undefined;
  let heading: string | null = null;

  function part(by: Gap): void {
    if (gaps.indexOf(by) > gaps.indexOf(gap)) gap = by;
  }

  function say(words: string): void {
    if (text !== "") text += gap;
    text += words;
    gap = "";
  }

  function sayCollapsed(content: string): void {
    const words = content.replace(/[ \t\n\f\r]+/g, " ");
    if (words.startsWith(" ")) part(" ");
    if (words.trim() !== "") {
      say(words.replace(/^ | $/g, ""));
      if (words.endsWith(" ")) part(" ");
    }
  }

  function isUnread({ name, attributes }: XmlElement): boolean {
    const kinds = `${attributes["epub:type"] ?? ""} ${attributes.role ?? ""}`.split(/\s+/);
    const isNote = kinds.some((kind) => notes.test(kind));
    if (isNote) leftOutNotes++;
    return (
      isNote ||
      silent.has(name) ||
      attributes.hidden !== undefined ||
      kinds.some((kind) => marks.test(kind))
    );
  }

  walkDocument(source, path, {
    open(element) {
      const { name, attributes } = element;
      if (blocks.has(name)) part("\n\n");
      const id = attributes.id ?? attributes.name;
      if (id !== undefined && wanted.has(id) && !places.has(id)) places.set(id, text.length);
      if (unread > 0 || isUnread(element)) {
        unread++;
        return;
      }
      if (name === "br") part("\n");
      if (name === "pre") preformatted++;
      if (name === "img" && attributes.alt) sayCollapsed(attributes.alt);
      if (headings.has(name) && heading === null) headingStart ??= text.length;
    },
    close(name) {
      if (blocks.has(name)) part("\n\n");
      if (unread > 0) {
        unread--;
        return;
      }
      if (name === "td" || name === "th") part(", ");
      if (name === "pre") preformatted--;
      if (!headings.has(name) || headingStart === undefined) return;
      heading = text.slice(headingStart).trim() || null;
      headingStart = undefined;
    },
    text(content) {
      if (unread > 0) return;
      if (preformatted === 0) sayCollapsed(content);
      else if (content.trim() !== "") say(content);
    },
  });
  return { text, places, heading, leftOutNotes };
}
