import { describe, expect, it } from "vitest";
import { longestSeconds } from "../../../origin/engine/qwen3/duration-bounds.ts";
import { cutSegments as cut, type SegmentLimits } from "../../../origin/text/segments.ts";
import type { LanguageChoice } from "../../../shared/languages.ts";

const cutSegments = (text: string, language: LanguageChoice, limits: SegmentLimits) =>
  cut(text, language, limits).map((segment) => segment.text);

const limits = { first: 40, others: 80 };

it("keeps a short text whole, as it is", () => {
  expect(cutSegments(" Hello, world! How are you?\n", "auto", limits)).toEqual([
    " Hello, world! How are you?\n",
  ]);
});

it("cuts at the ends of sentences, the first segment sooner than the others", () => {
  const text =
    "One two three four five six. Seven eight nine ten. Eleven twelve thirteen. Fourteen.";
  expect(cutSegments(text, "english", limits)).toEqual([
    "One two three four five six. ",
    "Seven eight nine ten. Eleven twelve thirteen. Fourteen.",
  ]);
});

it("cuts a sentence that is too long after a comma, else between words", () => {
  expect(
    cutSegments("aaaa eeee iiii oooo, uuuu aeae ieie oioi auau eaea", "english", limits),
  ).toEqual(["aaaa eeee iiii oooo, ", "uuuu aeae ieie oioi auau eaea"]);
  const words = "word ".repeat(30).trim();
  const segments = cutSegments(words, "english", limits);
  expect(segments.join("")).toBe(words);
  expect(segments.every((segment) => /^(word ?)+$/.test(segment))).toBe(true);
});

it("counts an ideograph as three letters", () => {
  const sentence = "今天天气很好。";
  expect(cutSegments(sentence.repeat(7), "chinese", limits)).toEqual([
    sentence.repeat(2),
    sentence.repeat(3),
    sentence.repeat(2),
  ]);
});

it.each([
  ["digits", "0123456789 ".repeat(200)],
  ["signs", "😀%".repeat(1000)],
  ["letters that are spelled", "WWW ".repeat(600)],
  ["ideographs", "今天天气很好".repeat(200)],
])("has no segment of %s that takes longer than an engine's context lasts", (_, text) => {
  for (const segment of cutSegments(text, "auto", { first: 120, others: 240 })) {
    expect(longestSeconds(segment)).toBeLessThan(90);
  }
});

it("takes titles, initials and the numbers of lists and dates for parts of their sentences", () => {
  const text =
    "Yes, it was on the 5. of Jan. that Dr. J. R. Ewing paid $3.14 to Mrs. Lee of No. 7 here.";
  const parts = cutSegments(`${text} ${text}`, "english", { first: 130, others: 130 });
  expect(parts).toEqual([`${text} `, text]);
  const short = cutSegments(`It was late by then. ${text}`, "english", { first: 130, others: 130 });
  expect(short).toEqual(["It was late by then. ", text]);
});

it.each([
  ["families of emoji", "👨‍👩‍👧‍👦".repeat(30)],
  ["letters with marks", "e\u0301\u0323".repeat(60)],
  ["flags", "🇪🇸".repeat(60)],
  ["Thai, which has no spaces", "สวัสดีครับผมชื่อโจ".repeat(20)],
])("keeps together what is one character to a reader: %s", (_, text) => {
  const characters = (part: string) =>
    Array.from(new Intl.Segmenter("en", { granularity: "grapheme" }).segment(part)).length;
  const segments = cutSegments(text, "auto", limits);
  expect(segments.length).toBeGreaterThan(1);
  expect(segments.join("")).toBe(text);
  expect(segments.map(characters).reduce((a, b) => a + b)).toBe(characters(text));
});

it("cuts a character of more marks than a segment holds", () => {
  const segments = cutSegments(`e${"\u0301".repeat(200)}`, "auto", limits);
  expect(Math.max(...segments.map((segment) => segment.length))).toBeLessThanOrEqual(80);
});

it("has no segment of which nothing could be heard", () => {
  expect(cutSegments("... !!! ???".repeat(40), "auto", limits)).toEqual([]);
  const sentence = "One two three four five six seven eight.";
  expect(
    cutSegments(`${sentence} ${"* * * ".replaceAll("*", "—").repeat(40)}`, "auto", limits),
  ).toEqual([expect.stringContaining(sentence)]);
});

it("has no segment of Unicode's white space alone, of which the tokenizer makes nothing", () => {
  const sentence = "One two three four five six seven eight.";
  expect(cutSegments(`${sentence}${"\u0085".repeat(90)}${sentence}`, "english", limits)).toEqual([
    expect.stringMatching(/^One two three four five six seven eight\.\u0085*$/),
    expect.stringMatching(/^\u0085*One two three four five six seven eight\.$/),
  ]);
});

describe("with the limits of a model", () => {
  const limits = { first: 120, others: 240 };
  const clause = "When the old ship came into the harbour at last, ";
  const rest =
    "all who had waited since the morning ran down to the quay in front of the great hall.";
  const phrase = `The brown fox that lived behind the old mill had never thought that ${rest}`;

  it("cuts a first sentence that is long after a clause, and at no other place", () => {
    expect(cut(clause + rest, "english", limits)).toEqual([
      { text: clause, start: 0, border: "clause" },
      { text: rest, start: clause.length, border: "sentence" },
    ]);
    expect(phrase.length).toBeGreaterThan(150);
    expect(cutSegments(phrase, "english", limits)).toEqual([phrase]);
  });

  it("halves what has to be cut between words", () => {
    const long = phrase.replace(".", `${` and ${rest.replace(".", "")}`.repeat(3)}.`);
    const segments = cut(long, "english", limits);
    expect(segments.map(({ border }) => border)).toEqual(["word", "sentence"]);
    const [first = 0, second = 0] = segments.map(({ text }) => text.length);
    expect(Math.abs(first - second)).toBeLessThan(20);
    expect(segments.every(({ text }) => /^\S/.test(text))).toBe(true);
  });

  it("makes segments of even lengths, the first within its own limit", () => {
    const sentence = "One sentence of some length is here to begin. ";
    const lengths = cutSegments(sentence.repeat(12), "english", limits).map(({ length }) => length);
    expect(lengths).toEqual([2, 5, 5].map((count) => count * sentence.length));
  });

  it.each([
    ["a short sentence at the end", `${"One sentence of some length is here. ".repeat(6)}Yes.`],
    ["a short sentence at the beginning", `Yes. ${phrase}`],
    ["full stops by themselves", `${"One sentence of some length is here. ".repeat(6)} . . .`],
    ["one word too many", `${"word ".repeat(48)}hall.`],
    ["a short clause", `Well, ${phrase} ${phrase}`],
  ])("makes no utterance of %s", (_, text) => {
    const segments = cutSegments(text, "english", limits);
    expect(segments.join("")).toBe(text);
    expect(Math.min(...segments.map((segment) => segment.trim().length))).toBeGreaterThanOrEqual(
      15,
    );
  });

  it("parts no word from what stands close to it", () => {
    const text = `${'He said: "(so-called) stuff", didn\'t he? '.repeat(3)}${"a (b), “c” - d! ".repeat(20)}`;
    for (const segment of cutSegments(text, "english", { first: 60, others: 60 })) {
      expect(segment).toMatch(/^["(“-]?[\p{L}-]/u);
    }
  });
});

describe("loses nothing and stays within the limits:", () => {
  it.each([
    ["one word without end", "a".repeat(1000)],
    ["emoji", "😀".repeat(300)],
    ["line breaks", "One.\n\n\nTwo.\n".repeat(40)],
    ["CJK without stops", "今天天气很好我们一起去公园散步吧".repeat(20)],
    [
      "the longest input",
      "The quick brown fox jumps over the lazy dog. ".repeat(92).slice(0, 4096),
    ],
  ])("%s", (_, text) => {
    const segments = cutSegments(text, "auto", limits);
    expect(segments.join("").replace(/\s/g, "")).toBe(text.replace(/\s/g, ""));
    for (const segment of segments) {
      expect(Array.from(segment).length).toBeLessThanOrEqual(limits.others);
      expect(segment.trim()).not.toBe("");
    }
  });
});
