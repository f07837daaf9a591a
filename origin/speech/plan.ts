import { randomInt } from "node:crypto";
import { type Catalogue, plainCatalogue } from "../../shared/catalogue.ts";
import type { AudioFormat } from "../../shared/formats.ts";
import { defaultSeed, soundId } from "../../shared/identity.ts";
import type { Language } from "../../shared/languages.ts";
import type { ModelId } from "../../shared/models.ts";
import { isMarkedUp, type Sampling, type SpeechRequest } from "../../shared/speech-request.ts";
import { automaticNormalization } from "../engine/automatic-normalization.ts";
import type { Engine } from "../engine/engine.ts";
import type { LexiconFile } from "../text/lexicon-file.ts";
import type { NormalizationScope } from "../text/normalization/normalize.ts";
import { type ReadInput, readInput } from "../text/read-input.ts";
import { noVoiceFiles, type VoiceFiles } from "../voices/voice-files.ts";
import { resolveBlends, type SpokenBy } from "./resolve-blend.ts";
import type { Seeds } from "./segment-seeds.ts";

/** Everything the pipeline needs to turn a request into a file. */
export interface SpeechPlan extends ReadInput {
  /** As it was sent. */
  input: string;
  /** Whether all of it is to be read out, as it is. */
  isPlain: boolean;
  /** Whether several speakers take turns. */
  isDialogue: boolean;
  /** What is told of when things are said. */
  timestamps: SpeechRequest["timestamps"];
  /** Whether it is told how far the speech has come. */
  progress: boolean;
  model: ModelId;
  /** Of the passages' blends, by their keys, as the engine takes them. */
  voices: ReadonlyMap<string, SpokenBy>;
  sampling: Sampling;
  /** What a text is spoken in whose language does not tell. */
  defaultLanguage: Language;
  /** The origin's own lexicon, which is a part of what it sounds like. */
  lexicon: LexiconFile | null;
  /** Whether a long text may be spoken in segments. */
  segmentation: "auto" | "off";
  seeds: Seeds;
  /** 0.25 to 4; above 1 is faster. */
  speed: number;
  /** Whether the silence before and after the speech is cut. */
  trimSilence: boolean;
  /** In dB; 0 changes nothing. */
  volume: number;
  /** What the file is brought to before that, in LUFS; null leaves it as it was spoken. */
  loudness: number | null;
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
  /** Of the voices that an input may name. */
  catalogue?: Pick<Catalogue, "findVoice" | "voiceAliases">;
  lexicon?: LexiconFile | null;
  /** Of kept voices: there are none unless said otherwise. */
  voiceFiles?: Pick<VoiceFiles, "read">;
  /** What will speak it, by which `normalization: "auto"` goes: qwen3 unless said otherwise. */
  engine?: Engine["name"] | null;
}

/** Throws an ApiError (400) when the input is not what the request says it is. */
export async function planSpeech(
  request: SpeechRequest,
  {
    newTake = false,
    defaultLanguage = "english",
    catalogue = plainCatalogue,
    lexicon = null,
    voiceFiles = noVoiceFiles,
    engine = null,
  }: PlanOptions = {},
): Promise<SpeechPlan> {
  const scopeOf = (language: Language) => normalizationOf(request, engine ?? "qwen3", language);
  const read = readInput(request, { defaultLanguage, catalogue, lexicon, scopeOf });
  return {
    ...read,
    input: request.input,
    isPlain: !isMarkedUp(request),
    isDialogue: request.turns !== null,
    timestamps: request.timestamps,
    progress: request.progress,
    model: request.model,
    sampling: request.sampling,
    voices: await resolveBlends(read.passages, request.model, voiceFiles),
    defaultLanguage,
    lexicon,
    segmentation: request.segmentation,
    seeds: await seedsOf(request, newTake),
    speed: request.speed,
    trimSilence: request.trimSilence,
    volume: request.volume,
    loudness: request.loudness,
    format: request.format,
    sampleRate: request.sampleRate,
    bitrate: request.bitrate,
  };
}

/** All that is said, to be measured. */
export function textOf({ passages }: Pick<SpeechPlan, "passages">): string {
  return passages.map(({ text }) => text.text).join(" ");
}

/** What of a text is put in words; null for nothing. */
export function normalizationOf(
  { normalization }: SpeechRequest,
  engine: Engine["name"],
  language: Language,
): NormalizationScope | null {
  if (normalization === "off") return null;
  return normalization === "on" ? "all" : automaticNormalization(engine, language);
}

/** Whoever names a seed wants its take, whatever it is like. */
async function seedsOf(request: SpeechRequest, newTake: boolean): Promise<Seeds> {
  if (request.seed !== null) return [request.seed];
  if (newTake) return [randomInt(drawnSeeds), randomInt(drawnSeeds)];
  const sound = await soundId(request);
  return [await defaultSeed(sound), await defaultSeed(sound, 1)];
}
