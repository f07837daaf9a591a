import { describe, expect, it } from "vitest";
import { cutParts, partCodePoints } from "../../../origin/jobs/cut-parts.ts";
import { countCodePoints } from "../../../shared/text-rules.ts";

const sentence = "The quick brown fox jumps over the lazy dog. ";
const last = { isLast: true, isPlain: true };

const textOf = (parts: { text: string }[]) => parts.map(({ text }) => text).join("");

describe("a chapter", () => {
  it("is cut after sentences, with the pause that belongs there and none at its end", () => {
    const parts = cutParts(sentence.repeat(30), "english", last);
    expect(parts.length).toBe(3);
    for (const { text } of parts) {
      expect(countCodePoints(text)).toBeLessThanOrEqual(partCodePoints);
      expect(text.trimEnd().endsWith("dog.")).toBe(true);
    }
    expect(parts.map(({ pauseSeconds }) => pauseSeconds)).toEqual([0.35, 0.35, 0]);
  });

  it("is cut after a paragraph that is long enough, and pauses there longer", () => {
    const parts = cutParts(`${sentence.repeat(8)}\n\n${sentence.repeat(8)}`, "english", last);
    expect(parts.map(({ pauseSeconds }) => pauseSeconds)).toEqual([0.6, 0]);
    expect(parts[1]?.text.startsWith("The quick")).toBe(true);
  });

  it("ends with a pause before the next one", () => {
    const parts = cutParts(sentence, "english", { isLast: false, isPlain: true });
    expect(parts.map(({ pauseSeconds }) => pauseSeconds)).toEqual([1.5]);
  });

  it.each([
    ["one sentence without an end", "word ".repeat(1000)],
    ["a word without an end", "a".repeat(3000)],
    ["emoji of several code points", "👩‍👩‍👧 ".repeat(600)],
    ["ideographs", "我们今天去公园散步。".repeat(200)],
  ])("that is %s is cut all the same, and nothing of it is lost", (_, text) => {
    const parts = cutParts(text, "chinese", last);
    expect(textOf(parts).trim()).toBe(text.trim());
    for (const part of parts)
      expect(countCodePoints(part.text)).toBeLessThanOrEqual(partCodePoints);
  });

  it("counts the characters it was handed in with, whatever cleaning leaves of them", () => {
    const text = `${sentence}\u200b\u00ad\r\n`.repeat(60);
    const parts = cutParts(text, "english", last);
    const total = parts.reduce((sum, { characters }) => sum + characters, 0);
    expect(total).toBe(countCodePoints(text));
  });

  it("of a million characters is cut in a few seconds", () => {
    const text = `${sentence.repeat(20)}\n\n`.repeat(1100).slice(0, 1_000_000);
    const startedAt = performance.now();
    expect(cutParts(text, "english", last).length).toBeGreaterThan(1000);
    expect(performance.now() - startedAt).toBeLessThan(20_000);
  });
});
