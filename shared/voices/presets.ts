import type { Language } from "../languages.ts";

interface SpeakerFacts {
  /** What the speaker speaks natively; every one speaks all ten. */
  language: Language;
  gender: "female" | "male";
  /** As the publisher has it. */
  description: string;
}

/** The nine speakers of the CustomVoice checkpoints (https://huggingface.co/Qwen/Qwen3-TTS-12Hz-1.7B-CustomVoice). */
export const speakers = {
  Vivian: {
    language: "chinese",
    gender: "female",
    description: "Bright, slightly edgy young female voice",
  },
  Serena: {
    language: "chinese",
    gender: "female",
    description: "Warm, gentle young female voice",
  },
  Uncle_Fu: {
    language: "chinese",
    gender: "male",
    description: "Seasoned male voice with a low, mellow timbre",
  },
  Dylan: {
    language: "chinese",
    gender: "male",
    description: "Youthful Beijing male voice with a clear, natural timbre",
  },
  Eric: {
    language: "chinese",
    gender: "male",
    description: "Lively Chengdu male voice with a slightly husky brightness",
  },
  Ryan: {
    language: "english",
    gender: "male",
    description: "Dynamic male voice with strong rhythmic drive",
  },
  Aiden: {
    language: "english",
    gender: "male",
    description: "Sunny American male voice with a clear midrange",
  },
  Ono_Anna: {
    language: "japanese",
    gender: "female",
    description: "Playful Japanese female voice with a light, nimble timbre",
  },
  Sohee: {
    language: "korean",
    gender: "female",
    description: "Warm Korean female voice with rich emotion",
  },
} as const satisfies Record<string, SpeakerFacts>;

export type Speaker = keyof typeof speakers;

/** OpenAI's voice names, and the Qwen speaker each one is given. */
const openaiVoices: Readonly<Record<string, Speaker>> = {
  alloy: "Vivian",
  ash: "Serena",
  ballad: "Ryan",
  cedar: "Uncle_Fu",
  coral: "Uncle_Fu",
  echo: "Dylan",
  fable: "Eric",
  marin: "Serena",
  nova: "Aiden",
  onyx: "Ryan",
  sage: "Ono_Anna",
  shimmer: "Sohee",
  verse: "Aiden",
};

export interface Voice {
  /** The id as the lists spell it. */
  id: string;
  speaker: Speaker;
}

/** Every preset voice: OpenAI's names first, then the speakers under their own. */
export const voices: readonly Voice[] = [
  ...Object.entries(openaiVoices).map(([id, speaker]) => ({ id, speaker })),
  ...(Object.keys(speakers) as Speaker[]).map((speaker) => ({ id: speaker, speaker })),
];

/** Names of an operator's own, in lower case, which come before all others. */
export type VoiceAliases = ReadonlyMap<string, Voice>;

const byName = new Map(voices.map((voice) => [voice.id.toLowerCase(), voice]));

/** Finds a preset voice by its id in any case and among white space; undefined when there is none. */
export function findVoice(id: string, aliases: VoiceAliases = new Map()): Voice | undefined {
  const name = id.trim().toLowerCase();
  return aliases.get(name) ?? byName.get(name);
}
