import type { LanguageChoice } from "../../../shared/languages.ts";
import type { Turn } from "../../../shared/speech-request.ts";
import { cleanText } from "../clean.ts";
import { type MappedText, sliceOf, unchanged } from "../mapped-text.ts";
import { type Passage, plainPassage } from "../passage.ts";

/** Reads a dialogue: a passage for each turn, though one speaker has several in a row. */
export function readTurns(
  source: MappedText,
  turns: readonly Turn[],
  language: LanguageChoice,
): Passage[] {
  return turns.map(({ start, end, speaker, blend, instructions }) =>
    plainPassage(sliceOf(source, start, end), {
      speaker,
      blend,
      language,
      instructions: instructions && cleanText(unchanged(instructions)).text,
    }),
  );
}
