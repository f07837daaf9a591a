import { createHash } from "node:crypto";
import type { Language } from "../../shared/languages.ts";
import type { LexiconFile } from "../text/lexicon-file.ts";
import type { ModelRevision } from "./engine.ts";

/**
 * A revision where texts whose language does not tell are spoken in this one, and words as a lexicon of the origin's has
 * them. It sounds otherwise than where that is English, or there is no lexicon, and so is another variant, with files of its own in caches.
 */
export function withDefaultLanguage(
  spoken: ModelRevision,
  language: Language,
  lexicon: LexiconFile | null = null,
): ModelRevision {
  if (language === "english" && lexicon === null) return spoken;
  const { revision, releasedAt, variant } = spoken;
  const digest = createHash("sha256")
    .update(JSON.stringify([revision, language, ...(lexicon === null ? [] : [lexicon.digest])]))
    .digest("hex");
  const variants = [
    ...(variant === undefined ? [] : [variant]),
    ...(language === "english" ? [] : [language]),
    ...(lexicon === null ? [] : [`lexicon-${lexicon.digest}`]),
  ];
  return { revision: digest.slice(0, 16), releasedAt, variant: variants.join(" ") };
}
