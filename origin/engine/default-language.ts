import { createHash } from "node:crypto";
import type { Language } from "../../shared/languages.ts";
import type { ModelRevision } from "./engine.ts";

/**
 * A revision where texts whose language does not tell are spoken in this one. It sounds otherwise than where that is
 * English, and so is another variant, with files of its own in caches.
 */
export function withDefaultLanguage(spoken: ModelRevision, language: Language): ModelRevision {
  if (language === "english") return spoken;
  const { revision, releasedAt, variant } = spoken;
  const digest = createHash("sha256")
    .update(JSON.stringify([revision, language]))
    .digest("hex");
  return {
    revision: digest.slice(0, 16),
    releasedAt,
    variant: [...(variant === undefined ? [] : [variant]), language].join(" "),
  };
}
