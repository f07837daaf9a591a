import { createLevel, type Level } from "../../audio/level.ts";
import { isSound } from "../../audio/silence.ts";
import type { Engine } from "../../engine/engine.ts";
import { overhear } from "../../engine/overhear.ts";

/** Listens to an engine while it speaks. */
export interface Meter {
  /** The engine to speak with. */
  readonly engine: Engine;
  /** What it has spoken so far. */
  readonly seconds: number;
  /** Whether anything of that can be heard. */
  readonly hasSound: boolean;
  readonly level: Level;
}

/** Takes an engine that has started. */
export function createMeter(engine: Engine): Meter {
  const level = createLevel();
  let hasSound = false;
  return {
    engine: overhear(engine, (samples) => {
      level.push(samples);
      hasSound ||= samples.some(isSound);
    }),
    level,
    get seconds() {
      return level.samples / engine.sampleRate;
    },
    get hasSound() {
      return hasSound;
    },
  };
}
