import { type Language, languages, languageTags } from "./languages.ts";

/** What a checkpoint was trained to do, as `tts_model_type` in its config.json names it. */
export type ModelKind = "custom_voice" | "voice_design" | "base";

interface NativeModel {
  kind: ModelKind;
  /** The repository it is published as. */
  published: string;
  /** Whether the model follows `instructions`; the official code drops them for 0.6B. */
  followsInstructions: boolean;
}

/** The published Qwen3-TTS 12 Hz checkpoints, by the ids this API gives them. */
export const nativeModels = {
  "qwen3-tts-12hz-0.6b-base": {
    kind: "base",
    published: "Qwen/Qwen3-TTS-12Hz-0.6B-Base",
    followsInstructions: false,
  },
  "qwen3-tts-12hz-0.6b-custom-voice": {
    kind: "custom_voice",
    published: "Qwen/Qwen3-TTS-12Hz-0.6B-CustomVoice",
    followsInstructions: false,
  },
  "qwen3-tts-12hz-1.7b-base": {
    kind: "base",
    published: "Qwen/Qwen3-TTS-12Hz-1.7B-Base",
    followsInstructions: false,
  },
  "qwen3-tts-12hz-1.7b-custom-voice": {
    kind: "custom_voice",
    published: "Qwen/Qwen3-TTS-12Hz-1.7B-CustomVoice",
    followsInstructions: true,
  },
  "qwen3-tts-12hz-1.7b-voice-design": {
    kind: "voice_design",
    published: "Qwen/Qwen3-TTS-12Hz-1.7B-VoiceDesign",
    followsInstructions: true,
  },
} as const satisfies Record<string, NativeModel>;

export type ModelId = keyof typeof nativeModels;

export const nativeModelIds = Object.keys(nativeModels) as ModelId[];

/** The model of the same size for another purpose. */
export function sibling(model: ModelId, kind: "base" | "custom-voice"): ModelId {
  return model.replace(/(?<=-\d\.\db-).*$/, kind) as ModelId;
}

/** The ids OpenAI's clients send, and the checkpoint that answers for each. */
const openaiModels: Readonly<Record<string, ModelId>> = {
  "tts-1": "qwen3-tts-12hz-0.6b-custom-voice",
  "tts-1-hd": "qwen3-tts-12hz-1.7b-custom-voice",
  "gpt-4o-mini-tts": "qwen3-tts-12hz-1.7b-custom-voice",
};

/** The ids the lists show, OpenAI's first. */
export const modelIds: readonly string[] = [...Object.keys(openaiModels), ...nativeModelIds];

/** The other names of models that somebody has published: OpenAI's snapshots and the repositories. */
export const publishedNames: readonly string[] = [
  "tts-1-1106",
  "tts-1-hd-1106",
  "gpt-4o-mini-tts-2025-03-20",
  "gpt-4o-mini-tts-2025-12-15",
  ...Object.values(nativeModels).map(({ published }) => published),
];

export interface ResolvedModel {
  /** The id asked for, as it is spelt where it is from, with its prefix and language suffix if it had one. */
  id: string;
  native: ModelId;
  /** The language a suffix such as `tts-1-es` forces. */
  language?: Language;
  /** Whether the name is one of OpenAI's, which means no checkpoint of a certain kind. */
  isOpenAi?: boolean;
}

/** Names of an operator's own, in lower case, which come before all others. */
export type ModelAliases = ReadonlyMap<string, ResolvedModel>;

const family = "qwen3-tts-12hz-";

/** By their names in lower case, with and without the publisher's. */
const publishedModels = new Map(
  nativeModelIds.flatMap((native) => {
    const { published } = nativeModels[native];
    const spellings = [published, published.slice(published.indexOf("/") + 1)];
    return spellings.map((id) => [id.toLowerCase(), { id, native }] as const);
  }),
);

/**
 * Resolves a model's name as clients send it, in any case and among white space: an id of the lists, OpenAI's with the date
 * of a snapshot, the publisher's, or one of these without the family (`0.6b-custom-voice`); with or without a language
 * suffix, and behind one provider's prefix (`openai/tts-1`). Undefined when there is no such model.
 */
export function resolveModel(
  name: string,
  aliases: ModelAliases = new Map(),
): ResolvedModel | undefined {
  const asked = name.trim();
  const model = resolveUnprefixed(asked, aliases);
  if (model) return model;
  const [, prefix = "", rest = ""] = /^([\w.@-]{1,64}\/)(.+)$/.exec(asked) ?? [];
  const behind = resolveUnprefixed(rest, aliases);
  return behind && { ...behind, id: prefix.toLowerCase() + behind.id };
}

/** Whether a model goes by that name, in whatever language. */
export function isModelName(name: string): boolean {
  const model = resolveModel(name);
  return model !== undefined && model.language === undefined;
}

function resolveUnprefixed(asked: string, aliases: ModelAliases): ResolvedModel | undefined {
  const name = asked.toLowerCase();
  const model = findModel(name, aliases);
  if (model) return model;
  for (const language of languages) {
    const suffix = `-${languageTags[language]}`;
    const base = name.endsWith(suffix) && findModel(name.slice(0, -suffix.length), aliases);
    if (base && !base.language) return { ...base, id: base.id + suffix, language };
  }
  return undefined;
}

function findModel(name: string, aliases: ModelAliases): ResolvedModel | undefined {
  return (
    aliases.get(name) ??
    ownModel(name) ??
    publishedModels.get(name) ??
    withoutFamily(name) ??
    snapshot(name, aliases)
  );
}

function ownModel(name: string): ResolvedModel | undefined {
  if (Object.hasOwn(nativeModels, name)) return { id: name, native: name as ModelId };
  const native = Object.hasOwn(openaiModels, name) ? openaiModels[name] : undefined;
  return native && { id: name, native, isOpenAi: true };
}

function withoutFamily(name: string): ResolvedModel | undefined {
  const full = family + name;
  const native = Object.hasOwn(nativeModels, full)
    ? (full as ModelId)
    : publishedModels.get(full)?.native;
  return native && { id: name, native };
}

/** OpenAI dates its snapshots as `tts-1-1106` or `gpt-4o-mini-tts-2025-12-15`. */
function snapshot(name: string, aliases: ModelAliases): ResolvedModel | undefined {
  const date = /-(?:\d{4}-\d\d-\d\d|\d{4})$/.exec(name);
  const base = name.slice(0, date?.index ?? 0);
  if (!date || !Object.hasOwn(openaiModels, base)) return undefined;
  const model = aliases.get(base) ?? ownModel(base);
  return model && { ...model, id: name };
}
