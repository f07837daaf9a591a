// Kokoro's way to write a mixture of voices: "alloy(2)+echo(1)". A weight that is left out is 1.
import type { Speaker } from "./presets.ts";

/** One of the voices in a blend. */
export type BlendPart = { weight: number } & ({ speaker: Speaker } | { digest: string });

/** What speaks where it is no preset speaker alone: a kept voice, or several voices at once. */
export interface VoiceBlend {
  /** Equal keys are equal voices. */
  key: string;
  /** What it is called: the id of a kept voice, or the ids and weights as they were written. */
  name: string;
  /** One for a kept voice. The weights add up to 1. */
  parts: readonly BlendPart[];
}

export const maxBlendParts = 8;
const maxWeight = 100;

/** What a blend is written with, in order. */
export interface WrittenPart {
  name: string;
  weight: number;
}

/** Where a text is no blend, in words that follow "voice must be a blend such as …: ". */
export interface BlendProblem {
  problem: string;
}

/** Whether a text means several voices at once, where it is no voice's name. */
export function isBlend(text: string): boolean {
  return text.includes("+") || /\(\s*[\d.]*\s*\)\s*$/.test(text);
}

/** Reads a blend as it is written. Names are not looked up. */
export function readBlend(text: string): WrittenPart[] | BlendProblem {
  const parts: WrittenPart[] = [];
  let at = 0;
  for (const piece of text.split("+")) {
    const place = `at character ${at + 1}`;
    at += piece.length + 1;
    const [, name = "", weight] = /^([^()]*)(?:\(\s*([^()]*?)\s*\))?\s*$/.exec(piece) ?? [];
    if (name.trim() === "") return { problem: `there is no voice ${place}` };
    const number = weight === undefined ? 1 : Number(weight || Number.NaN);
    if (!(number > 0 && number <= maxWeight)) {
      return { problem: `the weight must be a number above 0 and at most ${maxWeight} ${place}` };
    }
    parts.push({ name: name.trim(), weight: number });
  }
  if (parts.length > maxBlendParts) {
    return { problem: `it has ${parts.length} voices, of at most ${maxBlendParts}` };
  }
  return parts;
}

/** The blend of voices that were found, each once, whatever order they were written in. */
export function blendOf(name: string, voices: readonly BlendPart[]): VoiceBlend {
  const sums = new Map<string, BlendPart>();
  const total = voices.reduce((sum, { weight }) => sum + weight, 0);
  for (const part of voices) {
    const key = keyOf(part);
    const weight = (sums.get(key)?.weight ?? 0) + part.weight / total;
    sums.set(key, { ...part, weight });
  }
  const sorted = [...sums].sort(([a], [b]) => (a < b ? -1 : 1));
  const keys = sorted.map(([key, { weight }]) => `${key}(${weight.toFixed(6)})`);
  return { key: keys.join("+"), name, parts: sorted.map(([, part]) => part) };
}

function keyOf(part: BlendPart): string {
  return "speaker" in part ? part.speaker : part.digest;
}
