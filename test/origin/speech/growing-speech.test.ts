import { expect, it } from "vitest";
import { createGrowingSpeech } from "../../../origin/speech/growing-speech.ts";
import { plainCatalogue } from "../../../shared/catalogue.ts";
import { speechRequestSchema } from "../../../shared/speech-request.ts";

it("reads what comes as a whole input is read: with a lexicon, and signs in words", async () => {
  const request = speechRequestSchema.parse({
    input: "-",
    voice: "echo",
    language: "english",
    lexicon: { SQL: "sequel" },
  });
  const speech = createGrowingSpeech(request, {
    defaultLanguage: "english",
    catalogue: plainCatalogue,
    scopeOf: () => "all",
  });
  for (const letter of "It costs $5 to learn SQL here. And no more than that.")
    speech.append(letter);
  speech.end();
  const { signal } = new AbortController();
  const said: string[] = [];
  for await (const { script } of speech.spokenWith(null, signal).segments) {
    if (script) said.push(script.text.trim());
  }
  expect(said.join(" ")).toBe("It costs five dollars to learn sequel here. And no more than that.");
});
