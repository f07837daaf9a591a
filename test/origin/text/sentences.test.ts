import { describe, expect, it } from "vitest";
import { joinWrappedLines } from "../../../origin/text/lines.ts";
import { unchanged } from "../../../origin/text/mapped-text.ts";
import { cutSentences } from "../../../origin/text/sentences.ts";
import type { Language } from "../../../shared/languages.ts";
import { plainText, sentenceTable } from "../../support/sentences.ts";

function marked(text: string, language: Language): string {
  const sentences = cutSentences(text, language);
  return sentences
    .map(({ text, end }, index) => {
      const bars = end === "paragraph" ? "||" : "|";
      return text.trim() + (index < sentences.length - 1 ? bars : "");
    })
    .join("");
}

it("is a table of 150 cases or more", () => {
  expect(sentenceTable.length).toBeGreaterThanOrEqual(150);
});

it.each(sentenceTable)("ends sentences where readers do, in %s: %s", (language, text) => {
  expect(marked(plainText(text), language)).toBe(text.replaceAll("| ", "|"));
});

describe("a wrapped line", () => {
  it.each<[Language, string, string]>([
    ["english", "The old man went\nto the sea.", "The old man went to the sea."],
    ["english", "He met Dr.\nSmith there.", "He met Dr. Smith there."],
    ["english", "It is well-\nknown here.", "It is well-known here."],
    ["english", "a very  \n  long line", "a very long line"],
    ["english", "He said\n(quietly) no.", "He said (quietly) no."],
    ["english", "one\ntwo\nthree\nfour", "one two three four"],
    ["german", "Er ging mit Prof.\nMüller heim.", "Er ging mit Prof. Müller heim."],
    ["russian", "Старик пошёл\nк морю.", "Старик пошёл к морю."],
  ])("goes on with the one before it, in %s: %j", (language, text, joined) => {
    expect(joinWrappedLines(unchanged(text), language).text).toBe(joined);
  });

  it.each([
    "The end.\nAnother line.",
    "- milk\n- eggs",
    "* milk\n* eggs",
    "milk:\na) one\nb) two",
    "one\n\ntwo",
    "one\n1. two",
    "one\n2 two",
    "第一行\n第二行",
    "Yours,\nBob",
  ])("is none in %j", (text) => {
    expect(joinWrappedLines(unchanged(text), "english").text).toBe(text);
  });
});

describe("any text", () => {
  const worst = [
    ".",
    "!",
    "a.",
    "A. ",
    "1. ",
    "\n",
    " \n",
    '" ',
    "» ",
    "a\n",
    "etc. ",
    "。",
    "… ",
    "(",
    "a. b",
  ];

  it.each(worst)("of 4096 times %j loses nothing, and is soon cut", (text) => {
    const long = text.repeat(Math.ceil(4096 / text.length));
    const started = performance.now();
    const joined = joinWrappedLines(unchanged(long), "english").text;
    const sentences = cutSentences(joined, "english");
    const milliseconds = performance.now() - started;
    expect(sentences.map((sentence) => sentence.text).join("")).toBe(joined);
    // A few, with room for a machine that is busy; what is not linear takes seconds.
    expect(milliseconds).toBeLessThan(500);
  });
});
