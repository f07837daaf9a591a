import type { FootnoteDefinition, List, Nodes, Parents, RootContent, Table } from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmFromMarkdown } from "mdast-util-gfm";
import { gfm } from "micromark-extension-gfm";
import { type MappedText, replaceEach, sliceOf, standIn } from "../mapped-text.ts";
import type { Passage } from "../passage.ts";
import { createPassageBuilder, type Manner } from "./passage-builder.ts";

/** What a reader leaves after a heading and at a rule, in seconds: more than after a paragraph. */
const headingPauseSeconds = 0.8;
const rulePauseSeconds = 1.2;

interface MarkdownOptions {
  manner: Manner;
  /** Whether blocks of code are read out. Code within a sentence always is. */
  codeBlocks: "speak" | "skip";
}

interface ReadMarkdown {
  passages: Passage[];
  /** The kinds of what was left out: `code`, `html`. */
  ignoredElements: string[];
}

/**
 * Reads CommonMark with GitHub's extensions (https://github.github.com/gfm/) as one would read it to somebody: headings and
 * items are sentences, a table is read row by row with its column names, of a link and an image only the text, and a footnote after
 * the paragraph that refers to it.
 */
export function readMarkdown(source: MappedText, options: MarkdownOptions): ReadMarkdown {
  const { manner, codeBlocks } = options;
  const builder = createPassageBuilder(manner);
  const ignored = new Set<string>();
  const tree = fromMarkdown(source.text, {
    extensions: [gfm()],
    mdastExtensions: [gfmFromMarkdown()],
  });
  const footnotes = footnotesOf(tree.children);
  let waiting: FootnoteDefinition[] = [];

  function say(node: Nodes, value: string): void {
    const { start, end } = node.position ?? {};
    const from = start?.offset ?? 0;
    const to = end?.offset ?? from;
    const isAsWritten = source.text.slice(from, to) === value;
    const text = isAsWritten ? sliceOf(source, from, to) : standIn(value, from, to);
    // Lines are wrapped as it suits whoever wrote them.
    builder.say(
      replaceEach(text, /\s*\n\s*/g, () => " "),
      manner,
    );
  }

  function readAll({ children }: Parents): void {
    for (const child of children) read(child);
  }

  function read(node: Nodes): void {
    switch (node.type) {
      case "text":
      case "inlineCode":
        say(node, node.value);
        break;
      case "image":
      case "imageReference":
        say(node, node.alt ?? "");
        break;
      case "break":
        builder.end("sentence");
        break;
      case "thematicBreak":
        builder.pause(rulePauseSeconds);
        break;
      case "heading":
        readBlock(node);
        builder.pause(headingPauseSeconds);
        break;
      case "paragraph":
        readBlock(node);
        break;
      case "list":
        readList(node);
        break;
      case "table":
        readTable(node);
        break;
      case "code":
        if (codeBlocks === "skip") ignored.add("code");
        else say(node, node.value);
        builder.end("paragraph");
        break;
      case "html":
        // A tag within a sentence is nothing to hear.
        if (!/^<[^>]*>$/.test(node.value)) ignored.add("html");
        break;
      case "footnoteReference": {
        const note = footnotes.get(node.identifier);
        if (note) waiting.push(note);
        footnotes.delete(node.identifier);
        break;
      }
      case "definition":
      case "footnoteDefinition":
      case "yaml":
        break;
      default:
        readAll(node);
    }
  }

  function readBlock(node: Parents): void {
    readAll(node);
    builder.end("paragraph");
    const notes = waiting;
    waiting = [];
    for (const note of notes) readAll(note);
  }

  function readList({ children, ordered, start }: List): void {
    for (const [index, item] of children.entries()) {
      const at = item.position?.start.offset ?? 0;
      if (ordered) builder.say(standIn(`${(start ?? 1) + index}. `, at, at), manner);
      for (const child of item.children) {
        if (child.type === "paragraph") readAll(child);
        else read(child);
        builder.end("sentence");
      }
    }
    builder.end("paragraph");
  }

  function readTable({ children: [head, ...rows] }: Table): void {
    for (const row of rows) {
      for (const [index, cell] of row.children.entries()) {
        const at = cell.position?.start.offset ?? 0;
        const title = head?.children[index];
        if (index > 0) builder.say(standIn(", ", at, at), manner);
        if (title && title.children.length > 0) {
          readAll(title);
          builder.say(standIn(": ", at, at), manner);
        }
        readAll(cell);
      }
      builder.end("sentence");
    }
    builder.end("paragraph");
  }

  readAll(tree);
  const passages = builder.finish();
  // Nobody waits for what comes after the last heading.
  const isOver = passages.length > 1 && passages.at(-1)?.text.text === "";
  return { passages: isOver ? passages.slice(0, -1) : passages, ignoredElements: [...ignored] };
}

function footnotesOf(nodes: readonly RootContent[]): Map<string, FootnoteDefinition> {
  return new Map(
    nodes.flatMap((node) => (node.type === "footnoteDefinition" ? [[node.identifier, node]] : [])),
  );
}
