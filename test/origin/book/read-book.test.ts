import { describe, expect, it } from "vitest";
import { type BookKind, kindOf, readBook } from "../../../origin/book/read-book.ts";
import { epub } from "../../support/epub.ts";

const book = epub({ documents: { "a.xhtml": "<p>One.</p>" } });

describe("what a file has in it", () => {
  it.each<[string, string | Buffer, BookKind]>([
    ["a.md", "# One", "markdown"],
    ["A.MARKDOWN", "# One", "markdown"],
    ["a.txt", "# One", "text"],
    ["a", "One", "text"],
    ["a.txt", '<?xml version="1.0"?><speak>One</speak>', "ssml"],
    ["a.ssml", "One", "ssml"],
    ["-", book, "epub"],
    ["a.txt", book, "epub"],
    ["a.epub", "One", "epub"],
  ])("%s, by its name or its beginning (%#)", (name, content, kind) => {
    expect(kindOf(name, Buffer.from(content))).toBe(kind);
  });

  it.each([
    ["a.pdf", "%PDF-1.7", "PDF"],
    ["a.txt", "\n<!DOCTYPE html><p>One", "HTML"],
  ])("is refused where it is not read: %s", (name, content, kind) => {
    expect(() => kindOf(name, Buffer.from(content))).toThrow(
      `${name} must be text, Markdown, SSML or an EPUB; it is ${kind}`,
    );
  });
});

const read = (content: string, kind: "text" | "markdown" = "markdown") =>
  readBook("a", Buffer.from(content), kind);

describe("Markdown", () => {
  it("has a chapter for each heading of the first level", async () => {
    const source = "Before.\n\n# *One*\n\nText.\n\n## Within\n\nMore.\n\nTwo\n===\n\nLast.";
    expect(await read(source)).toEqual({
      title: null,
      notes: [],
      chapters: [
        { title: null, text: "Before." },
        { title: "One", text: "One\n\nText.\n\nWithin\n\nMore." },
        { title: "Two", text: "Two\n\nLast." },
      ],
    });
  });

  it("has one for each of the second where the first is its title", async () => {
    const { title, chapters } = await read("# Book\n\n## One\n\n1.\n\n## Two\n\n2.");
    expect(title).toBe("Book");
    expect(chapters.map((chapter) => chapter.title)).toEqual(["Book", "One", "Two"]);
  });

  it("finds links and footnotes that another chapter defines, and takes no code for a heading", async () => {
    const source =
      "# One\n\n[Here][a] it is[^n].\n\n```sh\n# no chapter\n```\n\n# Two\n\n- item\n- other\n\n[a]: http://x.y\n[^n]: A note.";
    expect(await read(source)).toMatchObject({
      chapters: [{ text: "One\n\nHere it is.\n\nA note." }, { text: "Two\n\nitem\n\nother" }],
      notes: ["Not read: code"],
    });
  });
});

describe("a book", () => {
  it("of plain text is one chapter, without its byte order mark", async () => {
    const { chapters } = await read("\ufeff# One\n\nTwo.\n\n# Three", "text");
    expect(chapters).toEqual([{ title: null, text: "# One\n\nTwo.\n\n# Three" }]);
  });

  it.each(["", " \n\u200b", "[a]: http://x.y"])("says nothing: %j", async (content) => {
    await expect(read(content)).rejects.toThrow(
      `a must have something to say; there is no text in its ${Buffer.byteLength(content)} bytes`,
    );
  });

  it("is text in UTF-8", async () => {
    const bytes = Buffer.from("Caf\u00e9", "latin1");
    await expect(readBook("a.txt", bytes, "text")).rejects.toThrow(
      "a.txt must be text in UTF-8; its 4 bytes are not",
    );
  });
});
