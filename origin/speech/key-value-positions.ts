import type { Engine } from "../engine/engine.ts";
import { secondsToSay } from "../text/speaking-pace.ts";
import { segmentsOf } from "./spoken-segments.ts";

/** More than the tokens that frame a text in its prompt: its role, its language, the speaker. */
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
  const { framesPerSecond, maxPositions, slowestPace } = keyValues;
  const scripts = segmentsOf(plan, segmentLimits).flatMap(({ script }) => script ?? []);
  const positions = scripts.map(({ text, instructions }) => {
    const frames = Math.ceil(secondsToSay(text, slowestPace) * framesPerSecond);
    // No token is shorter than a byte.
    const bytes = Buffer.byteLength(instructions ?? "") + Buffer.byteLength(text);
    return Math.min(maxPositions, framingPositions + bytes + frames);
  });
  const pairs = positions.map((_, index) => positions.slice(index, index + 2));
  return pairs.reduce((most, pair) => (sum(pair) > sum(most) ? pair : most), []);
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
