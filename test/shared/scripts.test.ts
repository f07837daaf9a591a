import { expect, it } from "vitest";
import { findForeignScript } from "../../shared/scripts.ts";

it.each([
  ["नमस्ते दुनिया", "Hindi"],
  ["مرحبا بالعالم", "Arabic"],
  ["שלום עולם", "Hebrew"],
  ["สวัสดีชาวโลก", "Thai"],
  ["Γειά σου κόσμε", "Greek"],
  ["Read this: Καλημέρα σε όλους", "Greek"],
  ["வணக்கம்", "Tamil"],
  ["გამარჯობა", "Georgian"],
])("knows that %j is in no language that is spoken", (text, language) => {
  expect(findForeignScript(text)?.language).toBe(language);
});

it.each([
  ...["Hello, world!", "Привет", "你好", "こんにちは", "안녕하세요", "", "12:30", "😀"],
  // A sign, and a word among others.
  ...["π", "α + β = γ", "The Greek word λόγος means reason."],
])("takes %j", (text) => {
  expect(findForeignScript(text)).toBeUndefined();
});

it("counts what it found", () => {
  expect(findForeignScript("abc שלום")).toEqual({ language: "Hebrew", letters: 4, of: 7 });
});
