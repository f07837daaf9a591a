import {
  type ModelAliases,
  modelIds,
  nativeModels,
  type ResolvedModel,
  resolveModel,
} from "./models.ts";
import type { KeptVoice } from "./voices/kept-voice.ts";
import { findVoice, type Voice, type VoiceAliases, voices } from "./voices/presets.ts";
import { brief } from "./wire-values.ts";

/** How lists call a voice: by its speaker, or by its id and its speaker. */
export const voiceNamings = ["speaker", "both"] as const;

export type VoiceNaming = (typeof voiceNamings)[number];

/** The settings of names, as an operator writes them; the same for edge and origin. An empty one counts as absent. */
export interface NameSettings {
  /** JSON: an operator's own names, each with one that is known without them. */
  MODEL_ALIASES?: string | undefined;
  VOICE_ALIASES?: string | undefined;
  /** For requests that name none. */
  DEFAULT_MODEL?: string | undefined;
  DEFAULT_VOICE?: string | undefined;
  VOICE_NAMES?: string | undefined;
}

export const nameSettings = [
  "MODEL_ALIASES",
  "VOICE_ALIASES",
  "DEFAULT_MODEL",
  "DEFAULT_VOICE",
  "VOICE_NAMES",
] as const satisfies readonly (keyof NameSettings)[];

/** The names that one deployment knows. */
export interface Catalogue {
  modelAliases: ModelAliases;
  voiceAliases: VoiceAliases;
  /** For requests that name none. */
  defaultModel: string;
  defaultVoice: string;
  voiceNaming: VoiceNaming;
  /** The voices as the lists have them: all but those that only an operator named. */
  voices: readonly Voice[];
  /** Those that whoever asks has kept here, as far as the request may name them. */
  keptVoices: readonly KeptVoice[];
  resolveModel(name: string): ResolvedModel | undefined;
  /** Finds a preset. */
  findVoice(id: string): Voice | undefined;
}

/** What is wrong with a setting. */
export class NameSettingError extends Error {
  override readonly name = "NameSettingError";
  readonly setting: string;
  /** Completes a sentence that begins with the setting's name. */
  readonly rule: string;

  constructor(setting: string, rule: string) {
    super(`${setting} ${rule}`);
    this.setting = setting;
    this.rule = rule;
  }
}

/** Reads the settings of names. Throws NameSettingError for one that is not good. */
export function createCatalogue(settings: NameSettings = {}): Catalogue {
  const modelAliases = readAliases("MODEL_ALIASES", settings, {
    find: (name) => resolveModel(name),
    spell: (model, id) => ({ ...model, id }),
    fixed: modelIds.filter((id) => resolveModel(id)?.native === id),
    known: modelIds,
  });
  const voiceAliases = readAliases("VOICE_ALIASES", settings, {
    find: (name) => findVoice(name),
    spell: ({ speaker }, id) => ({ id, speaker }),
    fixed: voices.flatMap(({ id, speaker }) => (id === speaker ? [id] : [])),
    known: voices.map(({ id }) => id),
  });
  const catalogue: Catalogue = {
    modelAliases,
    voiceAliases,
    defaultModel: settings.DEFAULT_MODEL?.trim() || "tts-1",
    defaultVoice: settings.DEFAULT_VOICE?.trim() || "alloy",
    voiceNaming: readVoiceNaming(settings.VOICE_NAMES),
    voices: voices.map((voice) => voiceAliases.get(voice.id.toLowerCase()) ?? voice),
    keptVoices: [],
    resolveModel: (name) => resolveModel(name, modelAliases),
    findVoice: (id) => findVoice(id, voiceAliases),
  };
  const { defaultModel, defaultVoice } = catalogue;
  const model = catalogue.resolveModel(defaultModel);
  if (!model) throw unknownName("DEFAULT_MODEL", modelNames(catalogue), defaultModel);
  if (nativeModels[model.native].kind === "base") {
    const rule = `must be a model that speaks without a cloned voice; ${brief(defaultModel)} is not`;
    throw new NameSettingError("DEFAULT_MODEL", rule);
  }
  if (!catalogue.findVoice(defaultVoice)) {
    throw unknownName("DEFAULT_VOICE", voiceNames(catalogue), defaultVoice);
  }
  return catalogue;
}

/** The names of a deployment that was told nothing. */
export const plainCatalogue = createCatalogue();

/** The names as they are for a request that may name these voices, too. */
export function withKeptVoices(catalogue: Catalogue, keptVoices: readonly KeptVoice[]): Catalogue {
  return keptVoices.length === 0 ? catalogue : { ...catalogue, keptVoices };
}

/** The models that errors name: those of the lists, and an operator's own. */
export function modelNames({ modelAliases }: Catalogue): string[] {
  return withAliases(modelIds, modelAliases);
}

/** The voices that errors name: those of the lists, and an operator's own. */
export function voiceNames({ voiceAliases }: Pick<Catalogue, "voiceAliases">): string[] {
  return withAliases(
    voices.map(({ id }) => id),
    voiceAliases,
  );
}

function withAliases(
  names: readonly string[],
  aliases: ReadonlyMap<string, { id: string }>,
): string[] {
  const known = new Set(names.map((name) => name.toLowerCase()));
  const own = [...aliases].flatMap(([name, { id }]) => (known.has(name) ? [] : [id]));
  return [...names, ...own];
}

interface AliasRules<Named> {
  find(name: string): Named | undefined;
  /** The same under another name. */
  spell(named: Named, id: string): Named;
  /** The names that an operator may not give to something else: they say themselves what they stand for. */
  fixed: readonly string[];
  /** What the error of an unknown name lists. */
  known: readonly string[];
}

/** It travels in a header. */
const aliasName = /^(?! )[ -~]{1,64}(?<! )$/;

function readAliases<Named>(
  setting: "MODEL_ALIASES" | "VOICE_ALIASES",
  settings: NameSettings,
  { find, spell, fixed, known }: AliasRules<Named>,
): ReadonlyMap<string, Named> {
  const aliases = new Map<string, Named>();
  for (const [id, target] of readObject(setting, settings[setting])) {
    const name = id.toLowerCase();
    if (!aliasName.test(id)) {
      const rule = `must have names of 1 to 64 printable ASCII characters; ${brief(id)} is none`;
      throw new NameSettingError(setting, rule);
    }
    if (aliases.has(name)) {
      throw new NameSettingError(
        setting,
        `must have each name once, in whatever case; it has ${brief(id)} twice`,
      );
    }
    if (fixed.some((own) => own.toLowerCase() === name)) {
      throw new NameSettingError(
        setting,
        `must not give ${brief(id)}, which names itself, to something else`,
      );
    }
    const found = typeof target === "string" ? find(target) : undefined;
    if (!found) {
      const rule = `must give ${brief(id)} to one of ${known.join(", ")}; got ${brief(target)}`;
      throw new NameSettingError(setting, rule);
    }
    // One of the lists keeps its spelling there.
    aliases.set(name, spell(found, known.find((own) => own.toLowerCase() === name) ?? id));
  }
  return aliases;
}

function readObject(setting: string, text = ""): [string, unknown][] {
  if (text.trim() === "") return [];
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return Object.entries(value);
  const example = setting === "MODEL_ALIASES" ? '{"kokoro": "tts-1"}' : '{"af_bella": "nova"}';
  throw new NameSettingError(
    setting,
    `must be a JSON object of names, such as ${example}; got ${brief(value ?? text)}`,
  );
}

function readVoiceNaming(text = ""): VoiceNaming {
  const name = text.trim().toLowerCase() || "speaker";
  const naming = voiceNamings.find((known) => known === name);
  if (naming) return naming;
  throw unknownName("VOICE_NAMES", voiceNamings, text);
}

function unknownName(setting: string, known: readonly string[], got: string): NameSettingError {
  return new NameSettingError(setting, `must be one of ${known.join(", ")}; got ${brief(got)}`);
}
