import { type Catalogue, voiceNames } from "../catalogue.ts";
import { type ModelId, nativeModels, sibling } from "../models.ts";
import { brief } from "../wire-values.ts";
import { type BlendPart, blendOf, isBlend, readBlend, type VoiceBlend } from "./blend.ts";
import { findKeptVoice, type KeptVoice } from "./kept-voice.ts";
import type { Speaker } from "./presets.ts";

/** Who speaks, for a model. */
export interface Cast {
  /** As the lists spell it; `design` where the instructions are the voice. */
  id: string;
  /** Null where it is no preset speaker alone. */
  speaker: Speaker | null;
  blend: VoiceBlend | null;
}

/** Why nobody of that name speaks. */
export interface Uncast {
  /** Completes "voice must be …". */
  rule: string;
  /** The name that nobody has, where that is why. */
  unknown?: string;
}

/** The names among which a cast is found. */
export type Names = Pick<Catalogue, "findVoice" | "voiceAliases" | "keptVoices">;

interface FoundPart {
  id: string;
  weight: number;
  voice: { speaker: Speaker } | KeptVoice;
}

/**
 * Finds who speaks under a name, or a blend of several, with a model: presets with CustomVoice, kept voices with the Base
 * models that encoded them, and in blends with the CustomVoice of that size as well.
 */
export function castVoice(text: string, model: ModelId, names: Names): Cast | Uncast {
  const { kind } = nativeModels[model];
  if (kind === "voice_design") {
    if (foldsTo(text, "design")) return { id: "design", speaker: null, blend: null };
    return {
      rule: `left out or "design" with ${model}, whose instructions describe the voice; got ${brief(text)}`,
    };
  }
  const found = findParts(text, names);
  if ("rule" in found) return found;
  const isAlone = found.length === 1;
  for (const { id, voice } of found) {
    const rule = ruleFor(id, voice, model, isAlone);
    if (rule) return { rule };
  }
  const [first] = found;
  if (isAlone && first && "speaker" in first.voice) {
    return { id: first.id, speaker: first.voice.speaker, blend: null };
  }
  const written = found.map(({ id, voice, weight }) =>
    isAlone ? id : `${"speaker" in voice ? voice.speaker : id}(${weight})`,
  );
  const id = written.join("+");
  return { id, speaker: null, blend: blendOf(id, found.map(toPart)) };
}

/** Whether all that a text names is kept voices: who names no Base model means one all the same. */
export function namesKeptVoices(text: string, names: Names): boolean {
  const found = findParts(text, names);
  return !("rule" in found) && found.every(({ voice }) => !("speaker" in voice));
}

function findParts(text: string, names: Names): FoundPart[] | Uncast {
  const whole = findOne(text, names);
  if (whole) return [{ ...whole, weight: 1 }];
  if (!isBlend(text)) return { rule: `${voiceRule(names)}; got ${brief(text)}`, unknown: text };
  const written = readBlend(text);
  if ("problem" in written) {
    return { rule: `a blend such as "alloy(2)+echo(1)": in ${brief(text)} ${written.problem}` };
  }
  const parts: FoundPart[] = [];
  for (const { name, weight } of written) {
    const one = findOne(name, names);
    if (!one) {
      const rule = `a blend of voices, each ${voiceRule(names)}; it has ${brief(name)}`;
      return { rule, unknown: name };
    }
    parts.push({ ...one, weight });
  }
  return parts;
}

function findOne(
  name: string,
  { findVoice, keptVoices }: Names,
): Omit<FoundPart, "weight"> | undefined {
  const preset = findVoice(name);
  if (preset) return { id: preset.id, voice: { speaker: preset.speaker } };
  const kept = findKeptVoice(keptVoices, name);
  return kept && { id: kept.id, voice: kept };
}

/** What `voice` must be, in words that complete "voice must be …". */
export function voiceRule(names: Names): string {
  return `one of ${voiceNames(names).join(", ")}, a voice kept here, or {"id": one of these}`;
}

/** What is wrong with one voice for a model, if anything is. */
function ruleFor(
  id: string,
  voice: FoundPart["voice"],
  model: ModelId,
  isAlone: boolean,
): string | undefined {
  const { kind } = nativeModels[model];
  if ("speaker" in voice) {
    if (kind === "custom_voice") return undefined;
    return `a kept voice with ${model}; ${brief(id)} is a preset of ${sibling(model, "custom-voice")}`;
  }
  const knownTo = `${brief(id)} was encoded by ${voice.models.join(" and ")}`;
  if (kind === "base") {
    return voice.models.includes(model) ? undefined : `one that ${model} has encoded; ${knownTo}`;
  }
  if (isAlone)
    return `a preset with ${model}; ${brief(id)} is a kept voice of ${voice.models.join(" and ")}`;
  const base = sibling(model, "base");
  return voice.models.includes(base) ? undefined : `of voices that ${base} has encoded; ${knownTo}`;
}

function toPart({ voice, weight }: FoundPart): BlendPart {
  return "speaker" in voice ? { speaker: voice.speaker, weight } : { digest: voice.digest, weight };
}

function foldsTo(text: string, word: string): boolean {
  return text.trim().toLowerCase() === word;
}

/** Why an input may not name a voice, in words that complete "input must …". */
export function unnameable(name: string, { rule, unknown }: Uncast): string {
  return unknown === undefined
    ? `name voices that speak with the model: ${brief(name)} stands where there must be ${rule}`
    : `name voices that there are; there is none named ${brief(unknown)}`;
}
