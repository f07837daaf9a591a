// espeak-ng, compiled to JavaScript, made repeatable. Its synthesizer carries state from one call into the next (the
// phase of the voice's flutter, noise), so that the same text never sounds quite the same twice. Here every call begins
// from one image of its memory: utterances cannot hear each other, and nothing a call allocates is left over.
import loadModule from "@echogarden/espeak-ng-emscripten";
import type { Language } from "../../../shared/languages.ts";
import { type BuiltinVoice, builtinVoices } from "./voices.ts";
import type { EspeakEvent } from "./word-times.ts";

/** The longest text of one call, in bytes of UTF-8. The room for it is part of the memory image. */
export const maxTextBytes = 256;

/** Spoken to nobody, when nobody asks: the first sentences take ten times as long, until the JIT has seen the loops. */
const warmUp = "The quick brown fox jumps over the lazy dog, and then it sleeps.";

const voiceNames: Record<Language, string> = {
  chinese: "cmn",
  english: "en-us",
  german: "de",
  italian: "it",
  portuguese: "pt-br",
  spanish: "es",
  japanese: "ja",
  korean: "ko",
  french: "fr",
  russian: "ru",
};

export interface EspeakSpeech {
  pcm: Float32Array;
  events: EspeakEvent[];
}

export interface Espeak {
  /** In Hz. */
  readonly sampleRate: number;
  /**
   * Speaks a text of at most `maxTextBytes`, as it stands: neither SSML nor phoneme names are understood. Returns mono
   * PCM in [-1, 1], empty when nothing of the text is audible, and what happens in it. Blocks, for about a hundredth of the time it lasts.
   */
  speak(text: string, language: Language, voice: BuiltinVoice): EspeakSpeech;
  /** Speaks a sentence to nobody, which makes the next ones faster. */
  warmUp(): void;
}

export async function loadEspeak(): Promise<Espeak> {
  return atOneTime(load);
}

/** espeak-ng seeds its noise by the clock when it is loaded: each process would sound a little otherwise. */
async function atOneTime<Result>(run: () => Promise<Result>): Promise<Result> {
  const { now } = Date;
  Date.now = () => 0;
  try {
    return await run();
  } finally {
    Date.now = now;
  }
}

async function load(): Promise<Espeak> {
  const module = await loadModule();
  const worker = new module.eSpeakNGWorker();

  function select(language: Language, voice: BuiltinVoice) {
    const name = voice.variant ? `${voiceNames[language]}+${voice.variant}` : voiceNames[language];
    const status = worker.set_voice(name, null, 0, 0, 0);
    if (status !== 0) throw new Error(`espeak-ng has no voice ${name} (status ${status})`);
    worker.set_pitch(voice.pitch);
    worker.set_rate(voice.wordsPerMinute);
    worker.set_volume(voice.volumePercent);
  }

  function synthesize(text: string): EspeakSpeech {
    const parts: Int16Array[] = [];
    const events: EspeakEvent[] = [];
    // Unlike `synthesize`, which is always in SSML and phoneme mode, this call takes text for text.
    worker.synthesize_and_get_phonemes(text, (samples, happened) => {
      parts.push(samples);
      events.push(...happened);
      return false;
    });
    return { pcm: toFloat(parts), events };
  }

  function speak(text: string, language: Language, voice: BuiltinVoice): EspeakSpeech {
    if (Buffer.byteLength(text) > maxTextBytes) {
      throw new RangeError(`espeak-ng is given at most ${maxTextBytes} bytes of text at once`);
    }
    module.HEAPU8.set(image);
    select(language, voice);
    return synthesize(text);
  }

  // The binding keeps a string buffer in that memory. It grows in the call after one for which it was too small.
  synthesize(" ".repeat(maxTextBytes));
  select("english", builtinVoices.Vivian);
  const image = usedPart(module.HEAPU8);

  return {
    sampleRate: worker.get_samplerate(),
    speak,
    warmUp: () => void speak(warmUp, "english", builtinVoices.Vivian),
  };
}

/** A copy of the memory up to the last byte in use. */
function usedPart(memory: Uint8Array): Uint8Array {
  let end = memory.length;
  while (memory[end - 1] === 0) end--;
  return memory.slice(0, end);
}

function toFloat(parts: readonly Int16Array[]): Float32Array {
  if (parts.every((part) => part.every((sample) => sample === 0))) return new Float32Array();
  const pcm = new Float32Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    for (const sample of part) pcm[offset++] = sample / 0x8000;
  }
  return pcm;
}
