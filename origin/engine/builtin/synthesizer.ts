import { nativeModelIds, nativeModels } from "../../../shared/models.ts";
import { countCodePoints } from "../../../shared/text-rules.ts";
import type { Speaker } from "../../../shared/voices/presets.ts";
import { guessLanguage } from "../../text/detect-language.ts";
import type { HearWords, MixedSpeaker, SpokenWord, Utterance, UtteranceEnd } from "../engine.ts";
import type { Synthesizer } from "../serve.ts";
import { loadEspeak } from "./espeak.ts";
import { createPace } from "./pace.ts";
import { pieces } from "./pieces.ts";
import { builtinRevision } from "./revision.ts";
import { builtinVoices, defaultVoice, usualPace } from "./voices.ts";
import { wordTimes } from "./word-times.ts";

const chunkSeconds = 0.08;

/** How long nobody asks before the engine warms up, and between two sentences of it. */
const idleMilliseconds = 300;

/** Speaks for every model that has voices of its own with espeak-ng, at most `speed` times as fast as the audio plays. */
export async function createBuiltinSynthesizer(speed: number): Promise<Synthesizer> {
  const espeak = await loadEspeak();
  const { sampleRate } = espeak;
  const revision = builtinRevision();
  // Nothing stands in for a model that clones.
  const models = nativeModelIds.filter((id) => nativeModels[id].kind !== "base");

  let warmUps = 3;
  const warmingUp = setInterval(() => {
    espeak.warmUp();
    if (--warmUps === 0) clearInterval(warmingUp);
  }, idleMilliseconds);

  async function* synthesize(
    utterance: Utterance,
    _signal: AbortSignal,
    onWords?: HearWords,
  ): AsyncGenerator<Float32Array, UtteranceEnd> {
    // What is spoken in earnest warms up as well.
    clearInterval(warmingUp);
    const { text } = utterance;
    const speaker = utterance.speaker ?? heaviest(utterance.mix ?? []);
    const voice = speaker ? builtinVoices[speaker] : defaultVoice;
    const language =
      utterance.language === "auto" ? (guessLanguage(text) ?? "english") : utterance.language;
    const pace = createPace(sampleRate, speed);
    let pauseSeconds = 0;
    let spoken = 0;
    for (const piece of pieces(text, language)) {
      const { pcm, events } = espeak.speak(piece.text.text, piece.language, voice);
      if (pcm.length === 0) continue;
      const speech = after(pcm, pauseSeconds * sampleRate);
      const from = spoken + speech.length - pcm.length;
      onWords?.(wordTimes(piece.text, events, sampleRate).map((word) => later(word, from)));
      for (const samples of chunks(speech)) {
        yield samples;
        await pace(samples.length);
      }
      spoken += speech.length;
      pauseSeconds = piece.pauseSeconds;
    }
    return { finish: "stop", inputTokens: countCodePoints(text), instructionTokens: 0 };
  }

  function* chunks(pcm: Float32Array): Generator<Float32Array> {
    const length = Math.floor(chunkSeconds * sampleRate);
    for (let start = 0; start < pcm.length; start += length) yield pcm.slice(start, start + length);
  }

  return {
    announcement: {
      sampleRate,
      ignoredFields: [
        "voice",
        "instructions",
        "seed",
        "temperature",
        "top_k",
        "top_p",
        "repetition_penalty",
        "segmentation",
      ],
      tellsWords: true,
      segmentLimits: null,
      pace: usualPace,
      keyValues: null,
      models: Object.fromEntries(models.map((model) => [model, revision])),
    },
    synthesize,
  };
}

/** One voice at a time is all it has: of a mixture, the preset with the most weight. */
function heaviest(mix: readonly MixedSpeaker[]): Speaker | null {
  const presets = mix.flatMap((part) => ("speaker" in part ? [part] : []));
  return presets.toSorted((a, b) => b.weight - a.weight)[0]?.speaker ?? null;
}

function later(word: SpokenWord, samples: number): SpokenWord {
  return { ...word, start: word.start + samples, end: word.end + samples };
}

/** The speech after so many samples of silence. */
function after(speech: Float32Array, silence: number): Float32Array {
  const pcm = new Float32Array(Math.round(silence) + speech.length);
  pcm.set(speech, Math.round(silence));
  return pcm;
}
