import { invalidRequest } from "../../../shared/api-error.ts";
import type { TalkerConfig } from "../checkpoint/model-config.ts";

/** Who is to speak which language. At most one of `speaker`, `mix` and `xVector` is there. */
export interface PromptVoice {
  /** A preset speaker of the checkpoint in any case; null where the model has none or is to choose. */
  speaker: string | null;
  /** Preset speakers and vectors [H], to speak as one. */
  mix?: readonly MixedVoice[] | null;
  /** [H]: of the speaker encoder, or a mixture. */
  xVector?: Float32Array | null;
  /** A language of the checkpoint in any case, or "auto". */
  language: string;
}

export type MixedVoice = { weight: number } & ({ speaker: string } | { vector: Float32Array });

/** What stands for a voice in a prompt: an id of the codec vocabulary, a vector [H], several of both to be mixed, or nothing. */
export type SpeakerPart = VoicePart | readonly { part: VoicePart; weight: number }[] | null;

export type VoicePart = number | Float32Array;

/** Ids of the codec vocabulary, or what stands in their place, before the text. */
export interface VoiceTokens {
  /** The thinking turn, which names the language or leaves it open. */
  thinking: readonly number[];
  speaker: SpeakerPart;
}

/**
 * Resolves a voice by the tables of the checkpoint. Speakers of a dialect speak it when the language is Chinese or open, and
 * so do mixtures of speakers who all do.
 *
 * Throws an ApiError (400) for a speaker or language the checkpoint does not have, and for a vector of another width.
 */
export function voiceTokens(config: TalkerConfig, voice: PromptVoice): VoiceTokens {
  const part = speakerPart(config, voice);
  const { speaker, mix } = voice;
  const names = mix ? mix.map((mixed) => ("speaker" in mixed ? mixed.speaker : null)) : [speaker];
  const [dialect = null, ...otherDialects] = new Set(
    names.map((name) => name && dialectOf(config, name)),
  );
  const language = languageToken(
    config,
    voice.language.toLowerCase(),
    otherDialects.length === 0 ? dialect : null,
  );

  const { codec_think_bos_id: open, codec_think_eos_id: close } = config;
  const thinking =
    language === null
      ? [config.codec_nothink_id, open, close]
      : [config.codec_think_id, open, language, close];
  return { thinking, speaker: part };
}

function speakerPart(config: TalkerConfig, { speaker, mix, xVector }: PromptVoice): SpeakerPart {
  if (mix) return mix.map((mixed) => ({ part: mixedPart(config, mixed), weight: mixed.weight }));
  if (xVector) return checkWidth(config, xVector);
  return speaker === null ? null : speakerId(config, speaker);
}

function mixedPart(config: TalkerConfig, mixed: MixedVoice): VoicePart {
  if ("vector" in mixed) return checkWidth(config, mixed.vector);
  return speakerId(config, mixed.speaker);
}

function checkWidth({ hidden_size: width }: TalkerConfig, vector: Float32Array): Float32Array {
  if (vector.length === width) return vector;
  throw invalidRequest(
    "voice_not_found",
    `voice must be one that was encoded for a model of this width, ${width}; it has ${vector.length} numbers`,
    "voice",
  );
}

function speakerId(config: TalkerConfig, speaker: string): number {
  const id = lookUp(config.spk_id, speaker.toLowerCase());
  if (id !== undefined) return id;
  throw invalidRequest(
    "voice_not_found",
    `voice must be one of ${Object.keys(config.spk_id).join(", ") || "none for this model"}; it is ${speaker}`,
    "voice",
  );
}

function dialectOf(config: TalkerConfig, speaker: string): string | null {
  return lookUp(config.spk_is_dialect, speaker.toLowerCase()) || null;
}

function languageToken(
  config: TalkerConfig,
  language: string,
  dialect: string | null,
): number | null {
  const { codec_language_id: ids } = config;
  const isOpen = language === "auto";
  const named = language.includes("dialect") ? undefined : lookUp(ids, language);
  if (!isOpen && named === undefined) {
    throw invalidRequest(
      "unsupported_language",
      `language must be "auto" or one the model speaks; it is ${language}`,
      "language",
    );
  }
  const spoken = dialect !== null && (isOpen || language === "chinese") ? dialect : null;
  if (spoken === null) return named ?? null;
  const id = lookUp(ids, spoken);
  if (id === undefined) throw new Error(`config.json: there is no language id for ${spoken}`);
  return id;
}

/** Fine-tuned checkpoints keep the case in which their speaker was named. */
function lookUp<Value>(table: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.entries(table).find(([key]) => key.toLowerCase() === name)?.[1];
}
