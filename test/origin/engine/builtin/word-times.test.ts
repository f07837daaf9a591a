import { beforeAll, describe, expect, it } from "vitest";
import { type Espeak, loadEspeak } from "../../../../origin/engine/builtin/espeak.ts";
import { pieces } from "../../../../origin/engine/builtin/pieces.ts";
import { defaultVoice } from "../../../../origin/engine/builtin/voices.ts";
import { wordTimes } from "../../../../origin/engine/builtin/word-times.ts";
import type { SpokenWord } from "../../../../origin/engine/engine.ts";
import type { Language } from "../../../../shared/languages.ts";

let espeak: Espeak;

beforeAll(async () => {
  espeak = await loadEspeak();
});

/** The words of each piece of a text, by its own clock. */
function told(text: string, language: Language): SpokenWord[][] {
  return Array.from(pieces(text, language), (piece) => {
    const { events } = espeak.speak(piece.text.text, piece.language, defaultVoice);
    return wordTimes(piece.text, events, espeak.sampleRate);
  });
}

describe("words that espeak-ng says as one are told as one", () => {
  it.each<[Language, string, string[]]>([
    ["english", "I have been to the house.", ["I", "have been", "to", "the", "house"]],
    ["english", "The house of the king.", ["The", "house", "of the", "king"]],
    ["french", "Qu'est-ce que c'est ?", ["Qu'est-ce que", "c'est"]],
    ["korean", "오늘은 날씨가 좋아서 갑니다.", ["오늘은 날씨가", "좋아서", "갑니다"]],
  ])("in %s: %s", (language, text, words) => {
    const all = told(text, language).flat();
    expect(all.map(({ word }) => word)).toEqual(words);
    expect(all.map(({ textStart, textEnd }) => text.slice(textStart, textEnd))).toEqual(words);
  });
});

it("a word that nothing is told of after a pause is within the one that it is told with", () => {
  const [words = []] = told("제 이름은, 민수입니다.", "korean");
  const [apart = []] = told("제 이름은,", "korean");
  expect(words.map(({ word }) => word)).toEqual(["제", "이름은, 민수입니다"]);
  expect(words.at(-1)?.end).toBeGreaterThan((apart.at(-1)?.end ?? 0) + espeak.sampleRate / 2);
});

it("nothing that has letters is left out, and no two words overlap, whatever the text", () => {
  const tokens =
    "the cat of have been a $5.50 10:30 Dr. Smith 3rd e.g. well-known — “Yes” 😀 & 1,234 don’t B.C. (so) ... a@b.com naïve x² ! café if it were on sentence.";
  const random = randomOf(7);
  for (let round = 0; round < 40; round++) {
    const length = 3 + random(20);
    const choice = tokens.split(" ");
    const text = Array.from({ length }, () => choice[random(choice.length)]).join(" ");
    const spoken = told(text, "english");
    for (const piece of spoken) {
      for (const [index, { start, end }] of piece.entries()) {
        expect(end, text).toBeGreaterThanOrEqual(start);
        expect(piece[index + 1]?.start ?? end, text).toBeGreaterThanOrEqual(end);
      }
    }
    const words = spoken.flat();
    for (const [index, { textEnd }] of words.entries()) {
      expect(words[index + 1]?.textStart ?? textEnd, text).toBeGreaterThanOrEqual(textEnd);
    }
    const rest = words.reduceRight(
      (left, { textStart, textEnd }) => left.slice(0, textStart) + left.slice(textEnd),
      text,
    );
    expect(rest, text).not.toMatch(/[\p{L}\p{N}]/u);
  }
});

/** Repeatable: a linear congruential generator. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * below);
  };
}
