import type { Catalogue } from "../catalogue.ts";
import { isObject } from "../http/translation.ts";
import { isBlend, readBlend } from "./blend.ts";
import { foldVoiceName } from "./kept-voice.ts";

/** Of one request, over all that it says. */
export const maxNamedVoices = 32;
const maxNameLength = 512;

/** `[voice:NAME]`, and `<voice name="NAME">`. Bounded, so that no text of many beginnings is read again and again. */
const inText =
  /\[voice:([^\][\n]{1,512})\]|<voice\s[^<>]{0,200}?\bname\s{0,8}=\s{0,8}(?:"([^"<>]{1,512})"|'([^'<>]{1,512})')/gi;

/**
 * The names in a request that are none of presets, folded, for whoever keeps voices to look them up: in `voice`, in the
 * turns and the markup of `input`, and in the items of a batch and the chapters of a job. What is none of these, or no name,
 * is for the schema to refuse.
 */
export function namedVoices(body: unknown, catalogue: Catalogue): string[] {
  const names = new Set<string>();
  collect(body, catalogue, names);
  return [...names].slice(0, maxNamedVoices);
}

function collect(value: unknown, catalogue: Catalogue, names: Set<string>): void {
  if (!isObject(value)) return;
  const { voice, input, text, items, chapters, defaults } = value;
  noteField(voice, catalogue, names);
  for (const said of [input, text]) if (typeof said === "string") noteText(said, catalogue, names);
  for (const list of [input, items, chapters]) {
    if (Array.isArray(list)) for (const one of list) collect(one, catalogue, names);
  }
  collect(defaults, catalogue, names);
}

function noteField(field: unknown, catalogue: Catalogue, names: Set<string>): void {
  const name = isObject(field) ? field.id : field;
  if (typeof name === "string") note(name, catalogue, names);
}

function noteText(said: string, catalogue: Catalogue, names: Set<string>): void {
  for (const [, tag, double, single] of said.matchAll(inText)) {
    note(tag ?? double ?? single ?? "", catalogue, names);
  }
}

function note(name: string, catalogue: Catalogue, names: Set<string>): void {
  const folded = foldVoiceName(name);
  if (folded === "" || folded === "design" || folded.length > maxNameLength) return;
  if (catalogue.findVoice(folded)) return;
  names.add(folded);
  if (!isBlend(name)) return;
  const parts = readBlend(name);
  if ("problem" in parts) return;
  for (const part of parts) {
    const one = foldVoiceName(part.name);
    if (one !== "" && !catalogue.findVoice(one)) names.add(one);
  }
}
