import { joinSamples } from "../../origin/audio/join.ts";
import type { Stage } from "../../origin/audio/stage.ts";
import { cut } from "./chunkings.ts";

/** Everything a stage makes of a recording that comes in chunks. */
export function passThrough(
  stage: Stage,
  pcm: Float32Array,
  size: number | (() => number) = 1920,
): Float32Array {
  const parts = [];
  for (const chunk of cut(pcm, size)) parts.push(stage.push(chunk));
  parts.push(stage.finish());
  return joinSamples(parts);
}
