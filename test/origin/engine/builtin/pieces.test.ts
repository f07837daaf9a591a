import { describe, expect, it } from "vitest";
import { maxTextBytes } from "../../../../origin/engine/builtin/espeak.ts";
import { pieces } from "../../../../origin/engine/builtin/pieces.ts";
import { stretches } from "../../../../origin/engine/builtin/stretches.ts";
import type { Language } from "../../../../shared/languages.ts";

const textsOf = (text: string, language: Language = "english") =>
  Array.from(pieces(text, language), (piece) => piece.text.text);

describe("an utterance's pieces", () => {
  it("are its sentences, each with the pause after it", () => {
    const text = "This is the first one. And is this the second?\n\nThe third has no end";

    const told = Array.from(pieces(text, "english"), ({ text, ...piece }) => ({
      text: text.text,
      ...piece,
    }));
    expect(told).toEqual([
      { text: "This is the first one. ", language: "english", pauseSeconds: 0.29 },
      { text: "And is this the second? ", language: "english", pauseSeconds: 0.5 },
      { text: "The third has no end", language: "english", pauseSeconds: 0.29 },
    ]);
  });

  it.each<[string, Language, string[]]>([
    [
      "Dr. Smith saw five of them. He left.",
      "english",
      ["Dr. smith saw five of them. ", "He left."],
    ],
    ["J. R. Ewing is No. 7 of them.", "english", ["J R. ewing is No 7 of them."]],
    ["Am 3. Oktober kam z. B. Anna.", "german", ["Am 3. oktober kam z B. anna."]],
    ["It is 3.14, v2.0.1 or a.txt.", "english", ["It is 3.14, v2.0.1 or a.txt."]],
  ])("have no full stop inside at which espeak-ng would pause: %s", (text, language, cut) => {
    expect(textsOf(text, language)).toEqual(cut);
  });

  it("cut a long sentence after its last comma that fits", () => {
    const [first, second] = textsOf(`${"one two three, ".repeat(6)}${"word ".repeat(20)}`);

    expect(first).toBe("one two three, ".repeat(6));
    expect(second?.startsWith("word word")).toBe(true);
  });

  it.each<[string, Language, string]>([
    ["prose", "english", "Some words, and others; then it goes on. ".repeat(100)],
    ["no punctuation", "german", "immer weiter und weiter ".repeat(170)],
    ["Chinese without a stop", "chinese", "今天天气很好我们去公园散步".repeat(315)],
    ["Russian", "russian", "Сегодня хорошая погода, и мы идём гулять. ".repeat(97)],
    ["emoji", "english", "👨‍👩‍👧".repeat(800)],
    ["short lines", "english", "one\n".repeat(1024)],
  ])("joined are the text, and none is too long: %s", (_, language, text) => {
    const cut = textsOf(text, language);

    expect(cut.join("")).toBe(text.replaceAll("\n", " "));
    for (const piece of cut) expect(Buffer.byteLength(piece)).toBeLessThanOrEqual(maxTextBytes);
  });

  it("cut words that espeak-ng would not read to the end", () => {
    const cut = textsOf("x".repeat(4096));

    expect(cut.join("").replaceAll(" ", "")).toBe("x".repeat(4096));
    expect(Math.max(...cut.flatMap((piece) => piece.split(" ")).map((word) => word.length))).toBe(
      16,
    );
    for (const piece of cut) expect(Buffer.byteLength(piece)).toBeLessThanOrEqual(maxTextBytes);
  });

  it("have no control characters, which command espeak-ng, and no halves of surrogate pairs", () => {
    expect(textsOf("a\u0001V b\u0002 \ud83d c\ttab")).toEqual(["a V b c tab"]);
  });
});

describe("the stretches of a text", () => {
  it.each<[Language, string, [string, Language][]]>([
    ["english", "Hello, world!", [["Hello, world!", "english"]]],
    [
      "english",
      "He said 你好, 世界! twice.",
      [
        ["He said ", "english"],
        ["你好, 世界! ", "chinese"],
        ["twice.", "english"],
      ],
    ],
    [
      "japanese",
      "今日はHelloです。",
      [
        ["今日", "chinese"],
        ["は", "japanese"],
        ["Hello", "english"],
        ["です。", "japanese"],
      ],
    ],
    ["chinese", "我喜欢 TypeScript。", [["我喜欢 TypeScript。", "chinese"]]],
    [
      "korean",
      "안녕 привет",
      [
        ["안녕 ", "korean"],
        ["привет", "russian"],
      ],
    ],
  ])("give what %s cannot read to a language that can: %s", (language, text, expected) => {
    expect(Array.from(stretches(text, language), (s) => [s.text, s.language])).toEqual(expected);
  });
});
