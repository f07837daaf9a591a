import { describe, expect, it } from "vitest";
import { cutSegments } from "../../../origin/speech/segments.ts";

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
    cutSegments("aaaa bbbb cccc dddd, eeee ffff gggg hhhh iiii jjjj", "english", limits),
  ).toEqual(["aaaa bbbb cccc dddd, ", "eeee ffff gggg hhhh iiii jjjj"]);
  const words = "word ".repeat(30).trim();
  const segments = cutSegments(words, "english", limits);
  expect(segments.join("")).toBe(words);
  expect(segments.every((segment) => /^(word ?)+$/.test(segment))).toBe(true);
});

it("counts an ideograph as three letters", () => {
  const sentence = "今天天气很好。";
  expect(cutSegments(sentence.repeat(7), "chinese", limits)).toEqual([
    sentence.repeat(2),
    sentence.repeat(4),
    sentence,
  ]);
});

describe("loses nothing and stays within the limits:", () => {
  it.each([
    ["one word without end", "a".repeat(1000)],
    ["emoji", "😀".repeat(300)],
    ["punctuation", "... !!! ???".repeat(40)],
    ["line breaks", "One.\n\n\nTwo.\n".repeat(40)],
    ["CJK without stops", "今天天气很好我们一起去公园散步吧".repeat(20)],
    [
      "the longest input",
      "The quick brown fox jumps over the lazy dog. ".repeat(92).slice(0, 4096),
    ],
  ])("%s", (_, text) => {
    const segments = cutSegments(text, "auto", limits);
    expect(segments.join("").replace(/\s/g, "")).toBe(text.replace(/\s/g, ""));
    expect(Array.from(segments[0] ?? "").length).toBeLessThanOrEqual(limits.first);
    for (const segment of segments) {
      expect(Array.from(segment).length).toBeLessThanOrEqual(limits.others);
      expect(segment.trim()).not.toBe("");
    }
  });
});
