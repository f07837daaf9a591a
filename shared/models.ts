import { type Language, languages, languageTags } from "./languages.ts";

/** What a checkpoint was trained to do, as `tts_model_type` in its config.json names it. */
export type ModelKind = "custom_voice" | "voice_design" | "base";

interface NativeModel {
  kind: ModelKind;
  /** Whether the model follows `instructions`; the official code drops them for 0.6B. */
  followsInstructions: boolean;
}

/** The published Qwen3-TTS 12 Hz checkpoints, by the ids this API gives them. */
export const nativeModels = {
  "qwen3-tts-12hz-0.6b-base": { kind: "base", followsInstructions: false },
  "qwen3-tts-12hz-0.6b-custom-voice": { kind: "custom_voice", followsInstructions: false },
  "qwen3-tts-12hz-1.7b-base": { kind: "base", followsInstructions: false },
  "qwen3-tts-12hz-1.7b-custom-voice": { kind: "custom_voice", followsInstructions: true },
  "qwen3-tts-12hz-1.7b-voice-design": { kind: "voice_design", followsInstructions: true },
} as const satisfies Record<string, NativeModel>;

export type ModelId = keyof typeof nativeModels;

export const nativeModelIds = Object.keys(nativeModels) as ModelId[];

/** The ids OpenAI's clients send, and the checkpoint that answers for each. */
const aliases: Record<string, ModelId> = {
  "tts-1": "qwen3-tts-12hz-0.6b-custom-voice",
  "tts-1-hd": "qwen3-tts-12hz-1.7b-custom-voice",
  "gpt-4o-mini-tts": "qwen3-tts-12hz-1.7b-custom-voice",
};

/** Every id the lists show, aliases first. */
export const modelIds: readonly string[] = [...Object.keys(aliases), ...nativeModelIds];

export interface ResolvedModel {
  /** The id asked for, as the lists spell it, with its language suffix if it had one. */
  id: string;
  native: ModelId;
  /** The language a suffix such as `tts-1-es` forces. */
  language?: Language;
}

/** Resolves a model id in any case, with or without a language suffix; undefined when there is no such model. */
export function resolveModel(id: string): ResolvedModel | undefined {
  const name = id.toLowerCase();
  const native = nativeId(name);
  if (native) return { id: name, native };
  for (const language of languages) {
    const suffix = `-${languageTags[language]}`;
    const base = name.endsWith(suffix) ? nativeId(name.slice(0, -suffix.length)) : undefined;
    if (base) return { id: name, native: base, language };
  }
  return undefined;
}

function nativeId(name: string): ModelId | undefined {
  if (Object.hasOwn(nativeModels, name)) return name as ModelId;
  return Object.hasOwn(aliases, name) ? aliases[name] : undefined;
}
