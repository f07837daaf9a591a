// espeak-ng's variants and settings that come nearest to what the model card says of the nine speakers. The volumes
// make them equally loud: within 1 dB of each other, -21 dBFS of speech on average over the languages.
import type { Speaker } from "../../../shared/voices/presets.ts";
import type { SpeakingPace } from "../../text/speaking-pace.ts";

export interface BuiltinVoice {
  /** One of espeak-ng's voice variants; empty for its plain voice. */
  variant: string;
  /** 0 to 99; 50 is the variant's own pitch. */
  pitch: number;
  wordsPerMinute: number;
  /** Of the variant's own amplitude. */
  volumePercent: number;
}

export const builtinVoices: Record<Speaker, BuiltinVoice> = {
  Vivian: { variant: "f3", pitch: 62, wordsPerMinute: 185, volumePercent: 82 },
  Serena: { variant: "f1", pitch: 46, wordsPerMinute: 160, volumePercent: 78 },
  Uncle_Fu: { variant: "grandpa", pitch: 34, wordsPerMinute: 145, volumePercent: 93 },
  Dylan: { variant: "m3", pitch: 70, wordsPerMinute: 185, volumePercent: 85 },
  Eric: { variant: "m7", pitch: 50, wordsPerMinute: 180, volumePercent: 80 },
  Ryan: { variant: "m6", pitch: 42, wordsPerMinute: 195, volumePercent: 95 },
  Aiden: { variant: "michel", pitch: 60, wordsPerMinute: 170, volumePercent: 83 },
  Ono_Anna: { variant: "linda", pitch: 60, wordsPerMinute: 180, volumePercent: 65 },
  Sohee: { variant: "f2", pitch: 52, wordsPerMinute: 175, volumePercent: 75 },
};

/** As measured in the ten languages. Its voices are up to a fifth slower and a tenth faster. */
export const usualPace: SpeakingPace = {
  base: 0,
  ideograph: 0.28,
  syllable: 0.19,
  kana: 0.115,
  letter: 0.066,
  name: 0.17,
  longName: 0.36,
  sign: 0.45,
  pause: 0.2,
};

/** For the models that take no preset speaker. */
export const defaultVoice: BuiltinVoice = {
  variant: "",
  pitch: 50,
  wordsPerMinute: 175,
  volumePercent: 91,
};
