import type { Language } from "../../../shared/languages.ts";
/** placeholder until the rules of normalisation are there */
export function sayAs(
  text: string,
  { interpretAs }: { interpretAs: string; format?: string },
  _language: Language,
): string | null {
  if (interpretAs === "characters" || interpretAs === "digits") return [...text].join(" ");
  return null;
}
