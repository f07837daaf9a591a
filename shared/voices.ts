import type { Language } from "./languages.ts";

/** The nine speakers of the CustomVoice checkpoints, and the language each one speaks natively. */
export const speakers = {
  Vivian: "chinese",
  Serena: "chinese",
  Uncle_Fu: "chinese",
  Dylan: "chinese",
  Eric: "chinese",
  Ryan: "english",
  Aiden: "english",
  Ono_Anna: "japanese",
  Sohee: "korean",
} as const satisfies Record<string, Language>;

export type Speaker = keyof typeof speakers;

/** OpenAI's voice names, and the Qwen speaker each one is given. */
const aliases: Record<string, Speaker> = {
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
  ...Object.entries(aliases).map(([id, speaker]) => ({ id, speaker })),
  ...(Object.keys(speakers) as Speaker[]).map((speaker) => ({ id: speaker, speaker })),
];

const byName = new Map(voices.map((voice) => [voice.id.toLowerCase(), voice]));

/** Finds a preset voice by its id in any case; undefined when there is none. */
export function findVoice(id: string): Voice | undefined {
  return byName.get(id.toLowerCase());
}
