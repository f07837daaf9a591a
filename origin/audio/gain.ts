import { identity } from "./identity.ts";
import type { Stage } from "./stage.ts";

/** Makes sound louder by so many decibels, or softer by a negative number of them. What is beyond full scale stays so, for a limiter. */
export function createGain(decibels: number): Stage {
  if (decibels === 0) return identity;
  const factor = 10 ** (decibels / 20);
  return { ...identity, push: (pcm) => pcm.map((sample) => sample * factor) };
}
