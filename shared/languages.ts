/** The ten languages Qwen3-TTS speaks, by the names its checkpoints use, with their BCP-47 primary subtags. */
export const languageTags = {
  chinese: "zh",
  english: "en",
  german: "de",
  italian: "it",
  portuguese: "pt",
  spanish: "es",
  japanese: "ja",
  korean: "ko",
  french: "fr",
  russian: "ru",
} as const;

export type Language = keyof typeof languageTags;

/** `auto` leaves the choice to the engine. */
export type LanguageChoice = Language | "auto";

export const languages = Object.keys(languageTags) as Language[];

const byTag = new Map<string, Language>(languages.map((name) => [languageTags[name], name]));

/**
 * Reads a language as a client writes it: a name ("Spanish"), a BCP-47 tag ("es", "es-MX", "zh_Hans") or "auto",
 * in any case. Undefined when it is none of the ten.
 */
export function parseLanguage(text: string): LanguageChoice | undefined {
  const name = text.trim().toLowerCase();
  if (name === "auto") return "auto";
  if (Object.hasOwn(languageTags, name)) return name as Language;
  return byTag.get(name.split(/[-_]/, 1)[0] ?? "");
}

/** The letters by which Kokoro names languages, in `lang_code` alone: American and British English are one here. */
const kokoroLetters: Readonly<Record<string, Language>> = {
  a: "english",
  b: "english",
  e: "spanish",
  f: "french",
  i: "italian",
  j: "japanese",
  p: "portuguese",
  z: "chinese",
};

/** As {@link parseLanguage}, and Kokoro's letters too. */
export function parseLanguageCode(text: string): LanguageChoice | undefined {
  const letter = text.trim().toLowerCase();
  return Object.hasOwn(kokoroLetters, letter) ? kokoroLetters[letter] : parseLanguage(text);
}
