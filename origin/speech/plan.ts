import { randomInt } from "node:crypto";
import type { AudioFormat } from "../../shared/formats.ts";
import { defaultSeed, soundId } from "../../shared/identity.ts";
import type { Language } from "../../shared/languages.ts";
import type { SpeechRequest } from "../../shared/speech-request.ts";
import type { Utterance } from "../engine/engine.ts";
import { cleanText } from "../text/clean.ts";
import { guessLanguage } from "../text/detect-language.ts";
import { joinWrappedLines } from "../text/lines.ts";
import type { Seeds } from "./segment-seeds.ts";

/** What is to be said and how. Which take of it is for the seeds to say. */
export type Script = Omit<Utterance, "seed" | "retryable">;

/** Everything the pipeline needs to turn a request into a file. */
export interface SpeechPlan {
  script: Script;
  /** What a text is spoken in whose language does not tell. */
  defaultLanguage: Language;
  /** Whether a long text may be spoken in segments. */
  segmentation: "auto" | "off";
  seeds: Seeds;
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

/** The most that `randomInt` chooses from. */
const drawnSeeds = 2 ** 48 - 1;

export interface PlanOptions {
  /** Whether another take than the usual one is planned for a request that names no seed. */
  newTake?: boolean;
  defaultLanguage?: Language;
}

export async function planSpeech(
  request: SpeechRequest,
  { newTake = false, defaultLanguage = "english" }: PlanOptions = {},
): Promise<SpeechPlan> {
  const { model, speaker, sampling } = request;
  const cleaned = cleanText(request.input);
  const told = request.language === "auto" ? guessLanguage(cleaned) : request.language;
  const text = joinWrappedLines(cleaned, told ?? defaultLanguage);
  // Where the text tells, so it does to an engine.
  const language = told ? request.language : defaultLanguage;
  const instructions = request.instructions && cleanText(request.instructions);
  return {
    defaultLanguage,
    script: { model, text, speaker, language, instructions, sampling },
    segmentation: request.segmentation,
    seeds: await seedsOf(request, newTake),
    speed: request.speed,
    trimSilence: request.trimSilence,
    format: request.format,
    sampleRate: request.sampleRate,
    bitrate: request.bitrate,
  };
}

/** Whoever names a seed wants its take, whatever it is like. */
async function seedsOf(request: SpeechRequest, newTake: boolean): Promise<Seeds> {
  if (request.seed !== null) return [request.seed];
  if (newTake) return [randomInt(drawnSeeds), randomInt(drawnSeeds)];
  const sound = await soundId(request);
  return [await defaultSeed(sound), await defaultSeed(sound, 1)];
}
