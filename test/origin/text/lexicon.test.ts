import fc from "fast-check";
import { expect, it } from "vitest";
import { applyLexicon } from "../../../origin/text/lexicon.ts";
import { sourceRange, unchanged } from "../../../origin/text/mapped-text.ts";
import { normalize } from "../../../origin/text/normalization/normalize.ts";
import type { Lexicon } from "../../../shared/lexicon-rules.ts";

const spoken = (text: string, lexicon: Lexicon) => applyLexicon(unchanged(text), lexicon).text;

it.each<[string, string, Lexicon, string]>([
  ["whole words", "SQL and NoSQL, SQL's", { SQL: "sequel" }, "sequel and NoSQL, sequel's"],
  ["words in any case", "Nginx NGINX", { nginx: "engine x" }, "engine x engine x"],
  ["the entry of the very case first", "us in the US", { us: "us", US: "U S" }, "us in the U S"],
  ["the longest first", "New York, New", { New: "N", "New York": "NY" }, "NY, N"],
  ["nothing of what it put in", "a b", { a: "b", b: "a" }, "b a"],
  [
    "signs as plain text",
    "C++ and a.b, axb",
    { "C++": "see plus plus", "a.b": "ab" },
    "see plus plus and ab, axb",
  ],
  ["accented words whole", "é éa", { é: "e" }, "e éa"],
  ["Chinese within other words", "我在重庆站", { 重庆: "虫庆" }, "我在虫庆站"],
  ["Japanese within other words", "東京都", { 東京: "とうきょう" }, "とうきょう都"],
  ["numbers whole", "5 55", { "5": "V" }, "V 55"],
  [
    "nothing of an object's own names",
    "constructor __proto__",
    { a: "b" },
    "constructor __proto__",
  ],
  ["a word away", "um, so", { "um,": "" }, " so"],
])("respells %s", (_, text, lexicon, words) => {
  expect(spoken(text, lexicon)).toBe(words);
});

it("wins over the rules of normalization, which leave its words as they are", () => {
  const lexicon = { "5 km": "5K", "Dr.": "Dr. No. 5" };
  const respelled = applyLexicon(unchanged("5 km, 6 km, Dr. X"), lexicon);
  const said = normalize(respelled, "english");
  expect(said.text).toBe("5K, six kilometers, Dr. No. 5 X");
  expect(sourceRange(said, 0, 1)).toEqual({ start: 0, end: 4 });
  expect(normalize(said, "english")).toEqual(said);
});

it("respells each place once, whatever the words are", () => {
  const word = fc.string({
    unit: fc.constantFrom(..."ab .*+([$^|\\-é重"),
    minLength: 1,
    maxLength: 4,
  });
  fc.assert(
    fc.property(word, fc.array(word), (entry, texts) => {
      const text = texts.join(" ");
      const mapped = applyLexicon(unchanged(text), { [entry]: "\u2603" });
      const back = mapped.text.replaceAll("\u2603", () => entry);
      expect(back.toLowerCase()).toBe(text.toLowerCase());
    }),
  );
});

it("takes 200 entries to a long text in no more time than they deserve", () => {
  const lexicon = Object.fromEntries(
    Array.from({ length: 200 }, (_, at) => [`${"a".repeat(60)}${at}`, "x"]),
  );
  expect(spoken("a".repeat(100_000), lexicon)).toBe("a".repeat(100_000));
});
