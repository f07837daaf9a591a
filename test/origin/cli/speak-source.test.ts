import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bookFiles, nameAfter, requireWritable } from "../../../origin/cli/speak/book-files.ts";
import { readSpeakOptions } from "../../../origin/cli/speak/options.ts";
import { readSource } from "../../../origin/cli/speak/source.ts";
import { epub } from "../../support/epub.ts";

const sentence = "The quick brown fox jumps over the lazy dog. ";
const contents: Record<string, string | Buffer> = {
  "short.txt": "One.\n",
  "long.txt": sentence.repeat(100),
  "short.md": "# One\n\n*Two.*\n",
  "two.md": "# One\n\n*Two.*\n\n# Two\n\n```\ncode\n```\n",
  "short.ssml": "<speak>One.</speak>\n",
  "long.ssml": `<speak>${sentence.repeat(100)}</speak>`,
  "a.epub": epub({ documents: { "a.xhtml": "<p>One.</p>" } }),
  "empty.txt": " \n",
  "latin.txt": Buffer.from("Caf\u00e9", "latin1"),
};

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "source-"));
  for (const [name, content] of Object.entries(contents))
    writeFileSync(join(folder, name), content);
  mkdirSync(join(folder, "folder"));
});

afterAll(() => rmSync(folder, { recursive: true }));

function read(name: string, ...options: string[]) {
  const path = join(folder, name);
  return readSource(path, readSpeakOptions(["--in", path, ...options]));
}

describe("--in", () => {
  it.each<[string, string[], object]>([
    ["short.txt", [], { kind: "text", fields: { input: "One." } }],
    [
      "short.txt",
      ["--markup", "tags"],
      { kind: "text", fields: { input: "One.", markup: "tags" } },
    ],
    [
      "short.txt",
      ["--chapters"],
      { kind: "book", book: { chapters: [{ title: null, text: "One.\n" }] } },
    ],
    ["long.txt", [], { kind: "book", book: { chapters: [{ title: null }] } }],
    ["short.md", [], { kind: "text", fields: { input: "# One\n\n*Two.*", markup: "markdown" } }],
    ["short.md", ["--markup", "none"], { kind: "text", fields: { markup: "none" } }],
    ["short.txt", ["--markup", "markdown"], { kind: "text", fields: { markup: "markdown" } }],
    [
      "two.md",
      ["--voice", "echo"],
      {
        kind: "book",
        fields: { voice: "echo", input_format: "text" },
        book: { chapters: [{ text: "One\n\nTwo." }, { text: "Two" }], notes: ["Not read: code"] },
      },
    ],
    ["two.md", ["--code-blocks", "speak"], { book: { chapters: [{}, { text: "Two\n\ncode" }] } }],
    [
      "short.ssml",
      [],
      { kind: "text", fields: { input_format: "ssml", input: "<speak>One.</speak>" } },
    ],
    ["short.ssml", ["--input-format", "text"], { kind: "text", fields: { input_format: "text" } }],
    ["a.epub", [], { kind: "book", book: { title: "A Book", chapters: [{ text: "One." }] } }],
  ])("%s with %j", async (name, options, source) => {
    expect(await read(name, ...options)).toMatchObject(source);
  });

  it.each<[string, string[], string]>([
    ["none.txt", [], "none.txt cannot be read: there is no such file"],
    ["folder", [], "folder must be a file; it is something else"],
    ["empty.txt", [], "empty.txt must have something to say; there is no text in its 2 bytes"],
    ["latin.txt", [], "latin.txt must be text in UTF-8; its 4 bytes are not"],
    [
      "long.ssml",
      [],
      "long.ssml must have at most 4096 characters (Unicode code points) as SSML; it has 4515. Longer ones are read as text, Markdown or EPUB",
    ],
    ["short.ssml", ["--chapters"], "--chapters must be left out with SSML, which has none"],
    [
      "a.epub",
      ["--markup", "markdown"],
      "--markup must be none or tags with an EPUB; got markdown",
    ],
  ])("refuses %s with %j", async (name, options, message) => {
    await expect(read(name, ...options)).rejects.toThrow(message);
  });
});

describe("the files of a book", () => {
  it.each([
    ["b/moby.dick.epub", "mp3", "moby.dick.mp3"],
    ["notes", "mulaw", "notes.ulaw"],
    ["-", "wav", "speech.wav"],
  ] as const)("of %s as %s are called after it: %s", (input, format, name) => {
    expect(nameAfter(input, format)).toBe(name);
  });

  it("are numbered by chapters, with as many digits as the last has", () => {
    const { audio, timestamps, parts } = bookFiles("b/a.mp3", "c/a.vtt", 100);
    expect([audio[0], audio[99], timestamps[8]]).toEqual([
      join("b", "a-001.mp3"),
      join("b", "a-100.mp3"),
      join("c", "a-009.vtt"),
    ]);
    expect(parts).toBe("b/a.mp3.parts");
    expect(bookFiles("a.mp3", undefined, 2).audio).toEqual(["a-01.mp3", "a-02.mp3"]);
  });

  it("must have a folder, and replace nothing that nobody has named", () => {
    const present = join(folder, "short.txt");
    const files = (out: string) => bookFiles(out, undefined, null);
    expect(() => requireWritable(files(join(folder, "none", "a.mp3")), true)).toThrow("ENOENT");
    expect(() => requireWritable(files(join(folder, "folder")), true)).toThrow("is not a file");
    expect(() => requireWritable(files(present), false)).toThrow(
      "is there already: name it with --out",
    );
    expect(() => requireWritable(files(present), true)).not.toThrow();
  });
});
