import { invalidRequest } from "../../../shared/api-error.ts";
import type { TalkerConfig } from "../checkpoint/model-config.ts";

/** Who is to speak which language. */
export interface PromptVoice {
  /** A preset speaker of the checkpoint in any case; null where the model has none or is to choose. */
  speaker: string | null;
  /** A language of the checkpoint in any case, or "auto". */
  language: string;
}

/** Ids of the codec vocabulary that stand before the text. */
export interface VoiceTokens {
  /** The thinking turn, which names the language or leaves it open. */
  thinking: readonly number[];
  speaker: number | null;
}

/**
 * Resolves a voice by the tables of the checkpoint. Speakers of a dialect speak it when the language is Chinese or open.
 *
 * Throws an ApiError (400) for a speaker or language the checkpoint does not have.
 */
export function voiceTokens(config: TalkerConfig, voice: PromptVoice): VoiceTokens {
  const name = voice.speaker?.toLowerCase();
  const speaker = name === undefined ? null : lookUp(config.spk_id, name);
  if (speaker === undefined) {
    throw invalidRequest(
      "voice_not_found",
      `voice must be one of ${Object.keys(config.spk_id).join(", ") || "none for this model"}; it is ${voice.speaker}`,
      "voice",
    );
  }
  const dialect = name === undefined ? false : lookUp(config.spk_is_dialect, name);
  const language = languageToken(config, voice.language.toLowerCase(), dialect || null);

  const { codec_think_bos_id: open, codec_think_eos_id: close } = config;
  const thinking =
    language === null
      ? [config.codec_nothink_id, open, close]
      : [config.codec_think_id, open, language, close];
  return { thinking, speaker };
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
