import { expect, it } from "vitest";
import { readInput } from "../../../../origin/text/read-input.ts";
import { plainCatalogue } from "../../../../shared/catalogue.ts";
import { speechRequestSchema } from "../../../../shared/speech-request.ts";

function told(input: string, model = "tts-1") {
  const request = speechRequestSchema.parse({ model, voice: "alloy", input, markup: "tags" });
  const options = { defaultLanguage: "english", catalogue: plainCatalogue } as const;
  return readInput(request, options).passages.map(({ text, speaker, rate, pauseBefore }) => [
    text.text.trim(),
    speaker,
    rate,
    pauseBefore,
  ]);
}

it("follows tags and reads other words in brackets", () => {
  const input =
    "One [pause:1.2s]two. [voice:echo]I. [rate:fast]Quick! [voice:][rate:]Me [see note].";
  expect(told(input)).toEqual([
    ["One", "Vivian", 1, null],
    ["two.", "Vivian", 1, 1.2],
    ["I.", "Dylan", 1, null],
    ["Quick!", "Dylan", 1.25, null],
    ["Me [see note].", "Vivian", 1, null],
  ]);
});

it("joins lines that were wrapped, as in a text without tags", () => {
  expect(told("The old man\nwent [pause:1]to the\nsea.")).toEqual([
    ["The old man went", "Vivian", 1, null],
    ["to the sea.", "Vivian", 1, 1],
  ]);
});

it.each([
  ["a [pause:soon] b", /pauses of at most 20 seconds.*\[pause:soon\]/],
  ["a [pause:21s] b", /pauses of at most 20 seconds/],
  ["a [rate:9] b", /rates from 0.25 to 4/],
  ["a [voice:nobody] b", /none named "nobody"/],
])("%s is refused", (input, message) => {
  expect(() => told(input)).toThrow(message);
});

it("refuses tags within SSML", () => {
  const fields = { model: "tts-1", voice: "alloy", input: "<speak>a</speak>", markup: "tags" };
  expect(() => speechRequestSchema.parse(fields)).toThrow(/markup must be none/);
});
