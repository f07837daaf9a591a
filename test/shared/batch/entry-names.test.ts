import { expect, test } from "vitest";
import { createEntryNames } from "../../../shared/batch/entry-names.ts";

test.each([
  ["chapter one", "mp3", "chapter one.mp3"],
  ["chapter.mp3", "mp3", "chapter.mp3"],
  ["chapter.mp3", "wav", "chapter.mp3.wav"],
  [null, "mp3", "008.mp3"],
  ["", "mp3", "008.mp3"],
  ["..", "mp3", "008.mp3"],
  ["../../etc/passwd", "mp3", "_.._etc_passwd.mp3"],
  ["C:\\Windows\\a", "mp3", "C__Windows_a.mp3"],
  [".hidden", "mp3", "hidden.mp3"],
  ["a\u202egpj", "mp3", "a_gpj.mp3"],
  ["a\u2066b\u200bc\u061cd", "mp3", "a_b_c_d.mp3"],
  ["line\nbreak\0", "mp3", "line_break_.mp3"],
  ['a<b>:"|?*', "mp3", "a_b______.mp3"],
  ["ends with dots. . .", "mp3", "ends with dots.mp3"],
  ["con", "mp3", "_con.mp3"],
  ["Lpt1.x", "mp3", "_Lpt1.x.mp3"],
  ["e\u0301t\u00e9", "mp3", "\u00e9t\u00e9.mp3"],
  ["\u{1f600}".repeat(60), "mp3", `${"\u{1f600}".repeat(45)}.mp3`],
])(
  "an item that is called %j has an entry of %s that is called %s",
  (customId, extension, name) => {
    expect(createEntryNames().next({ index: 7, customId }, extension)).toBe(name);
  },
);

test("entries of one archive have names that differ on every file system", () => {
  const names = createEntryNames();
  const next = (customId: string | null, extension = "mp3") =>
    names.next({ index: 0, customId }, extension);
  expect(next("a")).toBe("a.mp3");
  expect(next("a")).toBe("a (2).mp3");
  expect(next("A")).toBe("A (3).mp3");
  expect(next("a", "wav")).toBe("a.wav");
  expect(next("a (2)")).toBe("a (2) (2).mp3");
  expect(next("001")).toBe("001.mp3");
  expect(next(null)).toBe("001 (2).mp3");
  expect(next("manifest", "json")).toBe("manifest (2).json");
});
