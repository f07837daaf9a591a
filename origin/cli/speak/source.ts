// What --in names: a text that is spoken at once, as one that is given as an argument, or a book.
import { readFile, stat } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import { countCodePoints, maxTextCodePoints, toComposed } from "../../../shared/text-rules.ts";
import type { Book } from "../../book/book.ts";
import { decodeText, kindOf, maxBookBytes, readBook } from "../../book/read-book.ts";
import type { SpeakOptions } from "./options.ts";
import { userPath } from "./user-path.ts";

export type Source =
  | { kind: "text"; fields: Record<string, unknown> }
  | { kind: "book"; book: Book; fields: Record<string, unknown> };

/**
 * Reads the file, and says with which fields it is spoken. A text that has no chapters and is no longer than a request may be is one,
 * unless one file a chapter is asked for. Throws an Error fit for the user.
 */
export async function readSource(path: string, options: SpeakOptions): Promise<Source> {
  const bytes = await readBytes(path);
  const name = path === "-" ? "Standard input" : path;
  const { input_format, markup, ...rest } = options.fields;
  const asText = input_format === "text" || markup !== undefined;
  const found = kindOf(path, bytes);
  const kind =
    input_format === "ssml"
      ? "ssml"
      : found === "epub" || !asText
        ? found
        : markup === "markdown"
          ? "markdown"
          : "text";
  if (kind === "epub" && markup === "markdown") {
    throw new Error(`--markup must be none or tags with an EPUB; got markdown`);
  }
  if (kind === "ssml") return readSsmlSource(name, bytes, options);
  const codeBlocks = rest.code_blocks === "speak" ? "speak" : "skip";
  const book = await readBook(name, bytes, kind, codeBlocks);
  const [only] = book.chapters;
  if (kind !== "epub") {
    const text = withoutLastBreak(decodeText(name, bytes));
    const isShort = countCodePoints(toComposed(text)) <= maxTextCodePoints;
    if (isShort && only && book.chapters.length === 1 && !options.chapters) {
      const own = kind === "markdown" ? { markup: "markdown" } : { input_format, markup };
      return { kind: "text", fields: { ...rest, ...own, input: text } };
    }
  }
  // Markdown has been read: what is left is said as it is.
  const own =
    kind === "markdown"
      ? { input_format: "text", code_blocks: undefined }
      : { input_format, markup };
  return { kind: "book", book, fields: { ...rest, ...own } };
}

/** A document of SSML is spoken as a whole: it cannot be cut without being read. */
function readSsmlSource(name: string, bytes: Buffer, { fields, chapters }: SpeakOptions): Source {
  if (chapters) throw new Error("--chapters must be left out with SSML, which has none");
  const input = withoutLastBreak(decodeText(name, bytes));
  const count = countCodePoints(toComposed(input));
  if (count > maxTextCodePoints) {
    const rule = `must have at most ${maxTextCodePoints} characters (Unicode code points) as SSML`;
    throw new Error(
      `${name} ${rule}; it has ${count}. Longer ones are read as text, Markdown or EPUB`,
    );
  }
  return { kind: "text", fields: { ...fields, input_format: "ssml", input } };
}

async function readBytes(path: string): Promise<Buffer> {
  if (path === "-") return buffer(process.stdin);
  const file = userPath(path);
  const facts = await stat(file).catch((cause: NodeJS.ErrnoException) => {
    const reason = cause.code === "ENOENT" ? "there is no such file" : cause.code;
    throw new Error(`--in ${path} cannot be read: ${reason}`, { cause });
  });
  if (!facts.isFile()) throw new Error(`--in ${path} must be a file; it is something else`);
  if (facts.size > maxBookBytes) {
    throw new Error(`--in ${path} must have at most ${maxBookBytes} bytes; it has ${facts.size}`);
  }
  return readFile(file).catch((cause: NodeJS.ErrnoException) => {
    throw new Error(`--in ${path} cannot be read: ${cause.code}`, { cause });
  });
}

/** As of standard input: a file ends with a line break, which is not said. */
function withoutLastBreak(text: string): string {
  return text.replace(/\r?\n$/, "");
}
