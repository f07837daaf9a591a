import type { Engine } from "../engine/engine.ts";
import { cutSegments } from "../text/segments.ts";
import { secondsToSay } from "../text/speaking-pace.ts";
import type { SpeechPlan } from "./plan.ts";

/** More than the tokens that frame a text in its prompt: its role, its language, the speaker. */
const framingPositions = 32;

/**
 * How many positions the utterances may have that an engine keeps in memory at once to speak a text: the two segments that
 * are the most together, since each is begun before the one ahead of it has ended.
 */
export function keyValuePositions(
  { keyValues, segmentLimits }: Pick<Engine, "keyValues" | "segmentLimits">,
  { script, segmentation }: Pick<SpeechPlan, "script" | "segmentation">,
): number[] {
  if (!keyValues) return [];
  const { text, language, instructions } = script;
  const { framesPerSecond, maxPositions, slowestPace } = keyValues;
  const isCut = segmentLimits !== null && segmentation === "auto";
  const segments = isCut ? cutSegments(text, language, segmentLimits) : [{ text }];
  // No token is shorter than a byte.
  const sharedPositions = framingPositions + Buffer.byteLength(instructions ?? "");
  const positions = segments.map(({ text }) => {
    const frames = Math.ceil(secondsToSay(text, slowestPace) * framesPerSecond);
    return Math.min(maxPositions, sharedPositions + Buffer.byteLength(text) + frames);
  });
  const pairs = positions.map((_, index) => positions.slice(index, index + 2));
  return pairs.reduce((most, pair) => (sum(pair) > sum(most) ? pair : most), []);
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
