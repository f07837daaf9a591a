import type { Language } from "../../shared/languages.ts";
import type { SpeechRequest } from "../../shared/speech-request.ts";
import { cleanText } from "./clean.ts";
import { guessLanguage } from "./detect-language.ts";
import { joinWrappedLines } from "./lines.ts";
import { unchanged } from "./mapped-text.ts";
import { type Passage, plainPassage } from "./passage.ts";

interface ReadOptions {
  /** What a text is spoken in whose language does not tell. */
  defaultLanguage: Language;
}

/** What of a request is said, and how, as its passages: the one way from an input to an engine. */
export function readInput(request: SpeechRequest, { defaultLanguage }: ReadOptions): Passage[] {
  const { language } = request;
  const instructions = request.instructions && cleanText(unchanged(request.instructions)).text;
  const passage = plainPassage(cleanText(unchanged(request.input)), { ...request, instructions });
  const told = language === "auto" ? guessLanguage(passage.text.text) : language;
  return [
    {
      ...passage,
      text: joinWrappedLines(passage.text, told ?? defaultLanguage),
      // Where the text tells, so it does to an engine.
      language: told ? language : defaultLanguage,
    },
  ];
}
