import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { readSettings } from "../../../origin/settings.ts";
import { readLexiconFile, withFileEntries } from "../../../origin/text/lexicon-file.ts";

const folder = mkdtempSync(join(tmpdir(), "lexicon-file-"));
const path = join(folder, "lexicon.json");

afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(content: unknown): string {
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

it("has entries for all languages, and for one, which win", () => {
  const { entries } = readLexiconFile(
    fileOf({ SQL: "sequel", de: { SQL: "S" }, German: { a: "b" } }),
  );
  expect(entries.english).toEqual({ SQL: "sequel" });
  expect(entries.german).toEqual({ SQL: "S", a: "b" });
});

it("goes by one digest for the same entries, and another for others", () => {
  const digestOf = (content: unknown) => readLexiconFile(fileOf(content)).digest;
  expect(digestOf({ a: "1", b: "2" })).toBe(digestOf({ b: "2", a: "1" }));
  expect(digestOf({ a: "1" })).not.toBe(digestOf({ a: "2" }));
});

it("gives way to a request's entries, in whatever case", () => {
  expect(withFileEntries({ sql: "x" }, { SQL: "sequel", API: "A P I" })).toEqual({
    sql: "x",
    API: "A P I",
  });
});

it.each([
  ["{", "LEXICON_FILE: must be a file of JSON: "],
  [["SQL"], "LEXICON_FILE: must hold a JSON object of words and their respellings"],
  [{ SQL: 5 }, 'LEXICON_FILE: must have a string for each word; that of "SQL" is a number'],
  ['{"__proto__": "x"}', 'LEXICON_FILE: must have no word that is "__proto__"'],
  ['{"de": {"__proto__": "x"}}', 'LEXICON_FILE: must have no word that is "__proto__"'],
  [
    { klingon: { a: "b" } },
    'LEXICON_FILE: must have a respelling for each word, or words for one of chinese, english, german, italian, portuguese, spanish, japanese, korean, french, russian; got "klingon"',
  ],
  [
    Object.fromEntries(Array.from({ length: 1001 }, (_, at) => [`w${at}`, ""])),
    "LEXICON_FILE: must have at most 1000 entries; it has 1001",
  ],
])("is refused at start where it is not good: %j", (content, message) => {
  expect(() => readSettings({ LEXICON_FILE: fileOf(content) })).toThrow(message);
});

it("is refused at start where it is not there", () => {
  expect(() => readSettings({ LEXICON_FILE: join(folder, "none.json") })).toThrow(
    "LEXICON_FILE: ENOENT",
  );
});
