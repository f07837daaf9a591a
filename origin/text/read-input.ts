import { invalidRequest } from "../../shared/api-error.ts";
import type { Language } from "../../shared/languages.ts";
import { isMarkedUp, type SpeechRequest } from "../../shared/speech-request.ts";
import { countCodePoints, findTextProblem, maxTextCodePoints } from "../../shared/text-rules.ts";
import type { Names } from "../../shared/voices/cast.ts";
import { cleanText } from "./clean.ts";
import { guessLanguage } from "./detect-language.ts";
import { applyLexicon } from "./lexicon.ts";
import { type LexiconFile, withFileEntries } from "./lexicon-file.ts";
import { joinWrappedLines } from "./lines.ts";
import { unchanged } from "./mapped-text.ts";
import { type NormalizationScope, normalize } from "./normalization/normalize.ts";
import { type Passage, plainPassage } from "./passage.ts";
import { readMarkdown } from "./readers/markdown.ts";
import type { Manner } from "./readers/passage-builder.ts";
import { readSsml } from "./readers/ssml.ts";
import { readTags } from "./readers/tags.ts";
import { readTurns } from "./readers/turns.ts";

/** Twelve times what an input may have: far more than words for any number, date or address. */
const mostSpokenCodePoints = 12 * maxTextCodePoints;
/** Of all that an input asks for. */
const mostPausesSeconds = 120;

export interface ReadOptions {
  /** What a text is spoken in whose language does not tell. */
  defaultLanguage: Language;
  catalogue: Omit<Names, "keptVoices">;
  /** Of the origin, which a request's own goes before. */
  lexicon?: LexiconFile | null;
  /** What of a text in a language is put in words; null for nothing, which is how it is left out. */
  scopeOf?: (language: Language) => NormalizationScope | null;
}

/** What an input comes down to. */
export interface ReadInput {
  passages: readonly Passage[];
  /** Of SSML, what was spoken through as if it were not there. */
  ignoredElements: readonly string[];
  /** Of SSML, the elements that speak through instructions. */
  styledElements: readonly string[];
}

/**
 * What of a request is said, and how, as passages: the one way from an input to an engine. Throws an ApiError (400) when
 * the input is not what the request says it is.
 */
export function readInput(request: SpeechRequest, options: ReadOptions): ReadInput {
  const { passages, ...elements } = readMarkup(request, options);
  requireFewPauses(passages);
  const cleaned = passages.map((passage) => ({ ...passage, text: cleanText(passage.text) }));
  const whole = cleaned.map(({ text }) => text.text).join("\n");
  if (isMarkedUp(request)) requireSpeakable(whole);
  const told = request.language === "auto" ? guessLanguage(whole) : request.language;
  const readerLanguage = told ?? options.defaultLanguage;
  const prepared = cleaned.map((passage): Passage => {
    const { language } = passage;
    const spokenIn = language === "auto" ? readerLanguage : language;
    const lines = hasWrappedLines(request)
      ? joinWrappedLines(passage.text, spokenIn)
      : passage.text;
    // A word of the lexicon is as its writer wants it; what is left is for the rules.
    const respelled = applyLexicon(lines, entriesFor(spokenIn));
    const scope = options.scopeOf?.(spokenIn) ?? null;
    return {
      ...passage,
      text: scope ? normalize(respelled, spokenIn, { scope }) : respelled,
      language: language === "auto" ? engineLanguage() : language,
    };
  });
  requireShortSpeech(prepared);
  return { passages: prepared, ...elements };

  function entriesFor(spokenIn: Language) {
    return withFileEntries(request.lexicon, options.lexicon?.entries[spokenIn] ?? {});
  }

  /** Where the text tells, so it does to an engine, unless that only has a part of it. */
  function engineLanguage(): Passage["language"] {
    if (told === undefined) return options.defaultLanguage;
    return cleaned.length === 1 ? request.language : told;
  }
}

function readMarkup(
  request: SpeechRequest,
  { defaultLanguage, catalogue }: ReadOptions,
): ReadInput {
  const { input, model, speaker, blend, language, turns, keptVoices } = request;
  const names: Names = { ...catalogue, keptVoices };
  const instructions = request.instructions && cleanText(unchanged(request.instructions)).text;
  const manner: Manner = { speaker, blend, language, instructions, rate: 1, gain: 0 };
  const none = { ignoredElements: [], styledElements: [] };
  if (request.inputFormat === "ssml") {
    const readerLanguage = guessLanguage(input.replace(/<[^>]*>/g, " ")) ?? defaultLanguage;
    return readSsml(input, { model, manner, readerLanguage, catalogue: names });
  }
  if (request.markup === "tags") {
    return { passages: readTags(unchanged(input), { model, manner, catalogue: names }), ...none };
  }
  if (request.markup === "markdown") {
    const { codeBlocks } = request;
    return { ...none, ...readMarkdown(unchanged(input), { manner, codeBlocks }) };
  }
  if (turns) return { passages: readTurns(unchanged(input), turns, language), ...none };
  return { passages: [plainPassage(unchanged(input), manner)], ...none };
}

/** Where markup says what is a paragraph, a line break says nothing. */
function hasWrappedLines({ inputFormat, markup }: SpeechRequest): boolean {
  return inputFormat === "text" && markup !== "markdown";
}

/** A lexicon makes ten hours of what is as short as an input may be. */
function requireShortSpeech(passages: readonly Passage[]): void {
  const count = passages.reduce((sum, { text }) => sum + countCodePoints(text.text), 0);
  if (count <= mostSpokenCodePoints) return;
  const message = `input must come to at most ${mostSpokenCodePoints} characters once its words are respelled and its signs put in words; it comes to ${count}`;
  throw invalidRequest("string_above_max_length", message, "input");
}

/** Silence costs its writer a few letters, and a listener and the memory of a file minutes. */
function requireFewPauses(passages: readonly Passage[]): void {
  const seconds = passages.reduce((sum, { pauseBefore }) => sum + (pauseBefore ?? 0), 0);
  if (seconds <= mostPausesSeconds) return;
  const message = `input must have at most ${mostPausesSeconds} seconds of pauses in all; it has ${Math.round(seconds)}`;
  throw invalidRequest("invalid_markup", message, "input");
}

/** What an input may not be shows only when its markup is gone. */
function requireSpeakable(text: string): void {
  const problem = findTextProblem(text, { required: text.trim() !== "" });
  if (problem) throw invalidRequest(problem.code, `input ${problem.rule}`, "input");
}
