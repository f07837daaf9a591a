/** Scripts of languages that Qwen3-TTS does not speak, each with one that it is mostly written for. */
const foreignScripts = {
  Arabic: "Arabic",
  Armenian: "Armenian",
  Bengali: "Bengali",
  Devanagari: "Hindi",
  Ethiopic: "Amharic",
  Georgian: "Georgian",
  Greek: "Greek",
  Gujarati: "Gujarati",
  Gurmukhi: "Punjabi",
  Hebrew: "Hebrew",
  Kannada: "Kannada",
  Khmer: "Khmer",
  Lao: "Lao",
  Malayalam: "Malayalam",
  Myanmar: "Burmese",
  Sinhala: "Sinhala",
  Tamil: "Tamil",
  Telugu: "Telugu",
  Thai: "Thai",
  Tibetan: "Tibetan",
} as const;

const letters = /\p{L}/gu;
/** Words alone: a letter such as π by itself is a sign. */
const wordsOf = Object.entries(foreignScripts).map(([script, language]) => ({
  language,
  words: new RegExp(`\\p{Script=${script}}{2,}`, "gu"),
}));

/** Most texts have none of it, which one look tells. */
const anyForeign = new RegExp(
  `[${Object.keys(foreignScripts)
    .map((script) => `\\p{Script=${script}}`)
    .join("")}]`,
  "u",
);

export interface ForeignText {
  /** What the script is mostly written for. */
  language: string;
  /** How many of the text's letters are in it. */
  letters: number;
  of: number;
}

/** The script that most of a text is in, where no language in it is spoken. */
export function findForeignScript(text: string): ForeignText | undefined {
  if (!anyForeign.test(text)) return undefined;
  const of = text.match(letters)?.length ?? 0;
  if (of === 0) return undefined;
  for (const { language, words } of wordsOf) {
    const found = text.match(words)?.join("").match(letters)?.length ?? 0;
    if (2 * found > of) return { language, letters: found, of };
  }
  return undefined;
}
