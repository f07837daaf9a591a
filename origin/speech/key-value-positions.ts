import type { Engine, UtteranceKeyValues } from "../engine/engine.ts";
import { secondsToSay } from "../text/speaking-pace.ts";
import { type Script, segmentsOf } from "./spoken-segments.ts";

/** More than the tokens that frame a text in its prompt: its role, its language, the speaker, a beginning. */
const framingPositions = 32;

/**
 * How many positions the utterances may have that an engine keeps in memory at once to speak a text: the two segments that
 * are the most together, since each is begun before the one ahead of it has ended.
 */
export function keyValuePositions(
  { keyValues, segmentLimits }: Pick<Engine, "keyValues" | "segmentLimits">,
  plan: Parameters<typeof segmentsOf>[0],
): number[] {
  if (!keyValues) return [];
  const scripts = segmentsOf(plan, segmentLimits).flatMap(({ script }) => script ?? []);
  const positions = scripts.map((script) => scriptPositions(keyValues, script));
  const pairs = positions.map((_, index) => positions.slice(index, index + 2));
  return pairs.reduce((most, pair) => (sum(pair) > sum(most) ? pair : most), []);
}

/** How many positions an utterance may have. */
export function scriptPositions(
  { framesPerSecond, maxPositions, slowestPace }: UtteranceKeyValues,
  { text, instructions, voice }: Pick<Script, "text" | "instructions" | "voice">,
): number {
  const frames = Math.ceil(secondsToSay(text, slowestPace) * framesPerSecond);
  // No token is shorter than a byte.
  const bytes = Buffer.byteLength(instructions ?? "") + Buffer.byteLength(text);
  // What is said in a reference goes along with its frames, or with those that are made.
  const before = voice?.reference?.frames ?? 0;
  return Math.min(maxPositions, framingPositions + before + bytes + frames);
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
