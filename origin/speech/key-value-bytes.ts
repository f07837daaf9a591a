import type { Engine } from "../engine/engine.ts";
import { longestSeconds } from "../engine/qwen3/duration-bounds.ts";
import type { SpeechPlan } from "./plan.ts";
import { cutSegments } from "./segments.ts";

/** More than the tokens that frame a text in its prompt: its role, its language, the speaker. */
const framingPositions = 32;

/**
 * What an engine may have to keep in memory at once to speak a text: of the two segments that are the most together, since
 * each is begun before the one ahead of it has ended.
 */
export function keyValueBytes(
  { keyValues, segmentLimits }: Pick<Engine, "keyValues" | "segmentLimits">,
  { script, segmentation }: Pick<SpeechPlan, "script" | "segmentation">,
): number {
  if (!keyValues) return 0;
  const { text, language, instructions } = script;
  const { bytesPerPosition, framesPerSecond, maxPositions } = keyValues;
  const isCut = segmentLimits !== null && segmentation === "auto";
  const segments = isCut ? cutSegments(text, language, segmentLimits) : [{ text }];
  // No token is shorter than a byte.
  const sharedPositions = framingPositions + Buffer.byteLength(instructions ?? "");
  const positions = segments.map(({ text }) => {
    const frames = Math.ceil(longestSeconds(text) * framesPerSecond);
    return Math.min(maxPositions, sharedPositions + Buffer.byteLength(text) + frames);
  });
  const pairs = positions.map((count, index) => count + (positions[index + 1] ?? 0));
  return Math.max(0, ...pairs) * bytesPerPosition;
}
