import type { AudioFormat } from "../../shared/formats.ts";
import { defaultSeed, soundId } from "../../shared/identity.ts";
import type { SpeechRequest } from "../../shared/speech-request.ts";
import type { Utterance } from "../engine/engine.ts";

/** Qwen3-TTS speaks at 24 kHz, and OpenAI's clients take bare PCM for 24 kHz without asking. */
const outputSampleRate = 24_000;

/** Everything the pipeline needs to turn a request into a file. */
export interface SpeechPlan {
  utterance: Utterance;
  /** 0.25 to 4; above 1 is faster. */
  speed: number;
  /** Of the encoded PCM, in Hz. */
  sampleRate: number;
  format: AudioFormat;
}

export async function planSpeech(request: SpeechRequest): Promise<SpeechPlan> {
  const { model, speaker, language, instructions, sampling, speed, format } = request;
  const seed = request.seed ?? (await defaultSeed(await soundId(request)));
  return {
    utterance: { model, text: request.input, speaker, language, instructions, sampling, seed },
    speed,
    sampleRate: outputSampleRate,
    format,
  };
}
