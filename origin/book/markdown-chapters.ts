import type { Heading, RootContent } from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmFromMarkdown } from "mdast-util-gfm";
import { gfm } from "micromark-extension-gfm";
import { isBlank } from "../../shared/text-rules.ts";
import { unchanged } from "../text/mapped-text.ts";
import { readMarkdown } from "../text/readers/markdown.ts";
import { type Book, toTitle } from "./book.ts";

/** Nothing of how it is spoken goes into the text. */
const manner = {
  speaker: null,
  blend: null,
  language: "auto",
  instructions: null,
  rate: 1,
  gain: 0,
} as const;

/**
 * Reads Markdown in chapters: one for each heading of the first level, or, where there is only one of these, which then is
 * the book's title, of the second as well. What it says is as `markup: "markdown"` has it.
 */
export function readMarkdownBook(source: string, codeBlocks: "speak" | "skip"): Book {
  const { children } = fromMarkdown(source, {
    extensions: [gfm()],
    mdastExtensions: [gfmFromMarkdown()],
  });
  const headings = children.filter((node): node is Heading => node.type === "heading");
  const ofFirst = headings.filter(({ depth }) => depth === 1);
  const isOneTitle = ofFirst.length === 1;
  const begins = headings.filter(({ depth }) => depth === 1 || (isOneTitle && depth === 2));
  const definitions = children
    .filter(({ type }) => type === "definition" || type === "footnoteDefinition")
    .map((node) => sliceOf(source, node));
  const ignored = new Set<string>();

  function textOf(markdown: string): string {
    const read = readMarkdown(unchanged(markdown), { manner, codeBlocks });
    for (const kind of read.ignoredElements) ignored.add(kind);
    return (
      read.passages
        .map(({ text }) => text.text.trim())
        .join("\n\n")
        // What is an item or a row here would be a line that was wrapped, elsewhere.
        .replace(/\n+/g, "\n\n")
        .trim()
    );
  }

  const starts = begins.map((heading) => heading.position?.start.offset ?? 0);
  const slices = [0, ...starts].map((start, index) => source.slice(start, starts[index]));
  const chapters = slices.flatMap((slice, index) => {
    const heading = begins[index - 1];
    // Links and footnotes may be defined in another chapter.
    const text = textOf([slice, ...definitions].join("\n\n"));
    if (isBlank(text)) return [];
    return [{ title: heading ? toTitle(textOf(sliceOf(source, heading))) : null, text }];
  });
  const [title] = isOneTitle ? ofFirst : [];
  return {
    title: title ? toTitle(textOf(sliceOf(source, title))) : null,
    chapters,
    notes: ignored.size === 0 ? [] : [`Not read: ${[...ignored].join(", ")}`],
  };
}

function sliceOf(source: string, { position }: RootContent): string {
  return source.slice(position?.start.offset, position?.end.offset);
}
