import type { AudioFormat } from "../../shared/formats.ts";
import { defaultSeed, soundId } from "../../shared/identity.ts";
import type { SpeechRequest } from "../../shared/speech-request.ts";
import type { Utterance } from "../engine/engine.ts";

/** Everything the pipeline needs to turn a request into a file. */
export interface SpeechPlan {
  utterance: Utterance;
  /** 0.25 to 4; above 1 is faster. */
  speed: number;
  /** Whether the silence before and after the speech is cut. */
  trimSilence: boolean;
  format: AudioFormat;
  /** Of the file, in Hz. */
  sampleRate: number;
  /** Of the file, in bits per second, where the format has one. */
  bitrate: number | null;
}

export async function planSpeech(request: SpeechRequest): Promise<SpeechPlan> {
  const { model, speaker, language, instructions, sampling } = request;
  const seed = request.seed ?? (await defaultSeed(await soundId(request)));
  return {
    utterance: { model, text: request.input, speaker, language, instructions, sampling, seed },
    speed: request.speed,
    trimSilence: request.trimSilence,
    format: request.format,
    sampleRate: request.sampleRate,
    bitrate: request.bitrate,
  };
}
