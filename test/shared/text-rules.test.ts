import { describe, expect, it } from "vitest";
import { countCodePoints, findTextProblem } from "../../shared/text-rules.ts";

describe("countCodePoints", () => {
  it.each([
    ["", 0],
    ["abc", 3],
    ["é", 1],
    ["e\u0301", 2],
    ["😀", 1],
    ["👩‍👧", 3],
    ["\ud83d", 1],
    ["\ude00\ud83d", 2],
    ["\ud83d\ud83d\ude00", 2],
  ])("counts %j as %i", (text, count) => {
    expect(countCodePoints(text)).toBe(count);
  });
});

describe("findTextProblem", () => {
  it.each([
    ["Hello, world!"],
    ["tab\tand\r\nlines\u0085"],
    ["a page\u000c and\u0000 what\u0007 else\u009b is in a PDF"],
    ["😀".repeat(4096)],
    ["한".normalize("NFD").repeat(4096)],
    ["\u200f right-to-left mark \ufeff"],
  ])("accepts %.20j", (text) => {
    expect(findTextProblem(text, { required: true })).toBeUndefined();
  });

  it.each([
    [
      "",
      "string_below_min_length",
      "must have something to say; it has 0 characters, none but white space",
    ],
    [
      " \n\u3000",
      "string_below_min_length",
      "must have something to say; it has 3 characters, none but white space",
    ],
    [
      "x".repeat(4097),
      "string_above_max_length",
      "must have at most 4096 characters (Unicode code points); it has 4097",
    ],
    [
      "e\u0301".repeat(4097),
      "string_above_max_length",
      "must have at most 4096 characters (Unicode code points); it has 4097",
    ],
    [
      // This one has no composed form of its own.
      "\u0958".repeat(4096),
      "string_above_max_length",
      "must have at most 4096 characters (Unicode code points); it has 8192",
    ],
    [
      "\u200b\u2060\ufeff\u000c",
      "string_below_min_length",
      "must have something to say; it has 4 characters, none but white space",
    ],
    [
      "😀\ud83d!",
      "invalid_unicode",
      "must be well-formed Unicode; character 2 of 3 is half of a surrogate pair",
    ],
    [
      "\ude00",
      "invalid_unicode",
      "must be well-formed Unicode; character 1 of 1 is half of a surrogate pair",
    ],
  ])("refuses %.20j", (text, code, rule) => {
    expect(findTextProblem(text, { required: true })).toEqual({ code, rule });
  });

  it("lets an optional text be empty", () => {
    expect(findTextProblem("", { required: false })).toBeUndefined();
  });
});
