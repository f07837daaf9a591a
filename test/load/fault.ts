import type { Fleet } from "./fleet.ts";
import type { Script } from "./job-listener.ts";

/** What a fault may make use of. */
export interface Scene {
  fleet: Fleet;
  /** From 0 to 1. */
  chance: () => number;
  /** Another one each time. */
  newText: () => string;
  /** For jobs: one is soon spoken, and one takes several parts. */
  scripts: Record<"short" | "long", Script>;
}

/** What is left when a fault is over. */
export interface Aftermath {
  /** What was not as it must be while the fault lasted, a sentence each. */
  findings: string[];
  /** What must work again, besides speech: resolves with when it did, in milliseconds from now. */
  untilWorking?: () => Promise<number>;
  /** What is not as it must be once all works again. */
  judge?: () => Promise<string[]>;
}

export interface Fault {
  /** What a fleet must have for it. */
  needs?: readonly ("disk" | "qwen3")[];
  /** Has something go wrong; resolves when that is over. */
  make(scene: Scene): Promise<Aftermath | undefined>;
}
