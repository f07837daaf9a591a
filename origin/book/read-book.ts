import { extname } from "node:path";
import { isSsml } from "../../shared/speech-request.ts";
import { isBlank } from "../../shared/text-rules.ts";
import type { Book } from "./book.ts";
import { readEpub } from "./epub/read-epub.ts";
import { readMarkdownBook } from "./markdown-chapters.ts";

export type BookKind = "text" | "markdown" | "ssml" | "epub";

/** With pictures; of texts none comes near it. */
export const maxBookBytes = 512 * 1024 * 1024;

const kinds: Readonly<Record<string, BookKind>> = {
  ".md": "markdown",
  ".markdown": "markdown",
  ".ssml": "ssml",
  ".epub": "epub",
};
const zipSignature = Buffer.from("PK\u0003\u0004");

/** What a file has in it, by the ending of its name, or by how it begins where that does not tell. Throws an Error fit for the user. */
export function kindOf(name: string, bytes: Buffer): BookKind {
  const known = kinds[extname(name).toLowerCase()];
  const beginning = bytes.subarray(0, 1024).toString("utf8");
  if (known === "epub" || bytes.subarray(0, 4).equals(zipSignature)) return "epub";
  const foreign = beginning.startsWith("%PDF-")
    ? "PDF"
    : /^\s*<(?:!doctype\s+html|html)\b/i.test(beginning)
      ? "HTML"
      : undefined;
  if (foreign) {
    throw new Error(`${name} must be text, Markdown, SSML or an EPUB; it is ${foreign}`);
  }
  return known ?? (isSsml(beginning) ? "ssml" : "text");
}

/** Throws an Error fit for the user when the bytes are not UTF-8. A byte order mark is left out. */
export function decodeText(name: string, bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new Error(`${name} must be text in UTF-8; its ${bytes.length} bytes are not`, { cause });
  }
}

/**
 * Reads a book. Plain text, which does not say what its chapters are, is one. Throws an Error fit for the user when it is
 * broken, encrypted or not what it is said to be, or has nothing to say.
 */
export async function readBook(
  name: string,
  bytes: Buffer,
  kind: Exclude<BookKind, "ssml">,
  codeBlocks: "speak" | "skip" = "skip",
): Promise<Book> {
  const book = await read();
  if (book.chapters.length > 0) return book;
  throw new Error(
    `${name} must have something to say; there is no text in its ${bytes.length} bytes`,
  );

  async function read(): Promise<Book> {
    if (kind === "epub") return readEpub(bytes);
    const text = decodeText(name, bytes);
    if (kind === "markdown") return readMarkdownBook(text, codeBlocks);
    return { title: null, chapters: isBlank(text) ? [] : [{ title: null, text }], notes: [] };
  }
}
