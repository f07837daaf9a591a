import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createGrowingText, type Stretch } from "../../../origin/text/growing-text.ts";
import { cutSentences } from "../../../origin/text/sentences.ts";
import { runs } from "../../support/fuzz.ts";

const limits = { first: 120, others: 240 };

function cut(pieces: readonly string[]): Stretch[] {
  const text = createGrowingText({ language: "auto", defaultLanguage: "english", limits });
  return [...pieces.flatMap((piece) => text.append(piece)), ...text.flush()];
}

/** Only what is safe, with nothing flushed. */
function safe(text: string): string[] {
  const growing = createGrowingText({ language: "auto", defaultLanguage: "english", limits });
  return growing.append(text).map((stretch) => stretch.text);
}

const texts = [
  "Dr. Smith paid 3.50 dollars at No. 7 on Jan. 3. Then he left! Did he? He said: “Yes.” And so on.",
  "Die 3. Auflage kam z. B. am 5. Mai heraus. Danach kam nichts mehr, sagt Prof. Dr. Kant. Schade.",
  "「本当に？」と彼は言った。そして、行ってしまった。明日も雨が降るだろうか。わからない。",
  "First line of it\nthat is wrapped.\n\nA new paragraph here.\r\n- an item\n- another one\n",
  "No stop in it at all and it goes on and on, ".repeat(20),
  "Ａ full width one. \u00adSoft\u00ad\nhyphens, 😀 emoji! \u200bHidden. e\u0301 combined. ",
];

describe("a text that is written", () => {
  it.each(texts)("is cut the same, however it comes: %s", (text) => {
    const whole = cut([text]);
    expect(cut([...text])).toEqual(whole);
    expect(cut(text.split(/(?<=\s)/))).toEqual(whole);
    expect(whole.map((stretch) => stretch.text).join("")).toBe(text);
  });

  it("is cut the same in any pieces", () => {
    const words = [
      "Dr.",
      "3.",
      "Hello",
      "there!",
      "z. B.",
      "\n",
      "\n\n",
      "“Yes.”",
      "。",
      "é",
      "I.",
    ];
    const word = fc.oneof(
      fc.constantFrom(...words),
      fc.string({ maxLength: 12, unit: "grapheme" }),
    );
    fc.assert(
      fc.property(
        fc.array(word, { maxLength: 60 }).map((all) => all.join(" ")),
        fc.array(fc.nat(500), { maxLength: 30 }),
        (text, cuts) => {
          const places = [...new Set(cuts.map((place) => place % (text.length + 1)))].sort(
            (a, b) => a - b,
          );
          const pieces = [0, ...places].map((place, i) => text.slice(place, places[i]));
          expect(cut(pieces)).toEqual(cut([text]));
        },
      ),
      runs(150),
    );
  });

  it("waits for what follows a stop that may belong to a word or a number", () => {
    for (const open of [
      "I have been to see the good old Dr.",
      "I have been to see the good old Dr. ",
      "It costs not more than about 3.",
      "This sentence seems to be over. ",
      "This sentence seems to be over. An",
    ]) {
      expect(safe(open)).toEqual([]);
    }
    expect(safe("I have been to see the good old Dr. Smith at his")).toEqual([]);
    expect(safe("It costs not more than about 3.50 and ")).toEqual([]);
    expect(safe("This sentence seems to be over. And ")).toEqual([
      "This sentence seems to be over. ",
    ]);
    expect(safe("この文はここで終わるようだがどうだろう。次")).toEqual([
      "この文はここで終わるようだがどうだろう。",
    ]);
  });

  it("ends where the sentences of the whole text end", () => {
    const text = texts[0] ?? "";
    const ends = new Set<number>();
    let end = 0;
    for (const sentence of cutSentences(text, "english")) {
      end += sentence.text.length;
      ends.add(end);
    }
    let at = 0;
    for (const stretch of cut([text])) {
      at += stretch.text.length;
      expect(ends.has(at)).toBe(true);
    }
  });

  it("parts a long sentence where it can be parted, and joins short ones", () => {
    const long = cut([texts[4] ?? ""]);
    expect(long.length).toBeGreaterThan(3);
    for (const { text } of long) expect(text.length).toBeLessThanOrEqual(limits.others);
    expect(long.slice(0, -1).every(({ border }) => border === "clause")).toBe(true);
    const [first] = cut(["Oh. No. I see. Well, that is what it is. And so it goes on and on. "]);
    expect(first?.text).toBe("Oh. No. I see. ");
  });

  it("is one where it must not be parted", () => {
    const text = createGrowingText({ language: "auto", defaultLanguage: "english", limits: null });
    expect(text.append("One sentence is here. Another is there. And more. ")).toEqual([]);
    expect(text.flush()).toHaveLength(1);
  });
});
