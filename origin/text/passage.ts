import type { LanguageChoice } from "../../shared/languages.ts";
import type { VoiceBlend } from "../../shared/voices/blend.ts";
import type { Speaker } from "../../shared/voices/presets.ts";
import type { MappedText } from "./mapped-text.ts";

/**
 * A stretch of what is to be said, all of it in one manner by one voice. Every way to write speech comes down to these;
 * nothing behind the readers knows of any.
 */
export interface Passage {
  /** Its source is the input as it was sent. Empty where only a pause or marks are left to come. */
  text: MappedText;
  /** Null where it is no preset speaker alone. */
  speaker: Speaker | null;
  /** What speaks in the place of one. */
  blend: VoiceBlend | null;
  language: LanguageChoice;
  instructions: string | null;
  /** Of its speed, 0.25 to 4; above 1 is faster. */
  rate: number;
  /** In decibels. */
  gain: number;
  /** In seconds; null for what a speaker makes between this and what goes before. */
  pauseBefore: number | null;
  /** Names of places in the speech, all just before this one's first sound. */
  marks: readonly string[];
}

/** A text that is said as the request has it, with nothing written into it. */
export function plainPassage(
  text: MappedText,
  manner: Pick<Passage, "speaker" | "blend" | "language" | "instructions">,
): Passage {
  const { speaker, blend, language, instructions } = manner;
  return {
    text,
    speaker,
    blend,
    language,
    instructions,
    rate: 1,
    gain: 0,
    pauseBefore: null,
    marks: [],
  };
}
