import { describe, expect, it } from "vitest";
import {
  joined,
  type MappedText,
  replaceEach,
  replaceIn,
  sliceOf,
  sourceRange,
  standIn,
  unchanged,
} from "../../../origin/text/mapped-text.ts";

/** What of the source the first place of `word` in the text came from. */
function sourceOf(source: string, mapped: MappedText, word: string): string {
  const at = mapped.text.indexOf(word);
  const { start, end } = sourceRange(mapped, at, at + word.length);
  return source.slice(start, end);
}

describe("a mapped text", () => {
  it("leads back to the place a word was copied from, whatever was replaced before it", () => {
    const source = "Pay $5 to Ann at 10:30.";
    const mapped = replaceIn(unchanged(source), [
      { start: 4, end: 6, text: "five dollars" },
      { start: 17, end: 22, text: "ten thirty" },
    ]);
    expect(mapped.text).toBe("Pay five dollars to Ann at ten thirty.");
    expect(sourceOf(source, mapped, "Ann")).toBe("Ann");
    expect(sourceOf(source, mapped, "five")).toBe("$5");
    expect(sourceOf(source, mapped, "dollars to")).toBe("$5 to");
    expect(sourceOf(source, mapped, "thirty.")).toBe("10:30.");
  });

  it("stands for all that was replaced, when what is replaced was itself a replacement", () => {
    const source = "a & b";
    const once = replaceEach(unchanged(source), /&/g, () => "and");
    const twice = replaceEach(once, /and b/g, () => "plus bee");
    expect(twice.text).toBe("a plus bee");
    expect(sourceOf(source, twice, "plus")).toBe("& b");
  });

  it("keeps its way back in parts, and when parts are put together", () => {
    const source = "one 2 three";
    const mapped = replaceEach(unchanged(source), /2/g, () => "two");
    const middle = sliceOf(mapped, 4, 9);
    expect(middle.text).toBe("two t");
    expect(sourceOf(source, middle, "two")).toBe("2");
    const again = joined([standIn("Zero, ", 0, 0), middle, sliceOf(mapped, 9, mapped.text.length)]);
    expect(again.text).toBe("Zero, two three");
    expect(sourceOf(source, again, "hree")).toBe("hree");
  });

  it("leaves words out, and knows what stands behind them", () => {
    const source = "a\u200bb c";
    const mapped = replaceEach(unchanged(source), /\u200b/g, () => "");
    expect(mapped.text).toBe("ab c");
    expect(sourceOf(source, mapped, "c")).toBe("c");
    expect(sourceOf(source, mapped, "ab")).toBe(source.slice(0, 3));
  });

  it("is as it was when nothing is replaced", () => {
    const mapped = unchanged("as it was");
    expect(replaceEach(mapped, /as/g, () => null)).toBe(mapped);
    expect(unchanged("").spans).toEqual([]);
  });

  it("refuses replacements that overlap or lie outside", () => {
    const mapped = unchanged("abcdef");
    const a = { start: 2, end: 4, text: "" };
    expect(() => replaceIn(mapped, [a, { start: 3, end: 5, text: "" }])).toThrow(RangeError);
    expect(() => replaceIn(mapped, [{ start: 5, end: 9, text: "" }])).toThrow(RangeError);
  });
});
