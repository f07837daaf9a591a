import { createHash } from "node:crypto";
import { type ApiError, invalidRequest } from "../../shared/api-error.ts";
import type { Utterance } from "./engine.ts";

/** How often an engine must have died of an utterance that is refused. Once may be chance. */
const provingDeaths = 2;

/** From the last death of an utterance until it is forgotten. */
const defaultQuarantineSeconds = 10 * 60;

/** What is remembered; past it the longest ago is forgotten. */
const maxSuspects = 100;

/** What an engine was to do, and the field of a request that asks for it. */
export interface Subject {
  task: "speak" | "encode";
  param: string;
}

/** Knows what an engine died of, so that one utterance does not keep everybody from being spoken to. */
export interface Quarantine {
  /** Throws an ApiError (400) for what the engine is known to die of. */
  admit(key: string, subject?: Subject): void;
  /**
   * The engine has died, and these were new to it. Returns whether it is known now what it died of: that takes one that
   * was the only new one more than once.
   */
  engineDied(keys: ReadonlySet<string>): boolean;
  /** It was spoken to its end. */
  acquit(key: string): void;
}

export function createQuarantine(quarantineSeconds = defaultQuarantineSeconds): Quarantine {
  /** The last to kill is the last. */
  const suspects = new Map<string, { deaths: number; until: number }>();

  function suspected(key: string) {
    const suspect = suspects.get(key);
    return suspect && suspect.until > performance.now() ? suspect : undefined;
  }

  return {
    admit(key, subject = { task: "speak", param: "input" }) {
      const suspect = suspected(key);
      if (!suspect || suspect.deaths < provingDeaths) return;
      throw refusal(subject, (suspect.until - performance.now()) / 1000);
    },
    engineDied(keys) {
      const [key] = keys;
      if (key === undefined || keys.size > 1) return false;
      const deaths = (suspected(key)?.deaths ?? 0) + 1;
      suspects.delete(key);
      suspects.set(key, { deaths, until: performance.now() + quarantineSeconds * 1000 });
      const [oldest] = suspects.keys();
      if (suspects.size > maxSuspects && oldest !== undefined) suspects.delete(oldest);
      return deaths >= provingDeaths;
    },
    acquit(key) {
      suspects.delete(key);
    },
  };
}

/** A digest of what is said and how; takes of it with other seeds are the same to it. */
export function utteranceKey({ seed: _, retryable: __, voice, ...said }: Utterance): string {
  const named = { ...said, voice: voice?.digest ?? null };
  return createHash("sha256").update(JSON.stringify(named)).digest("base64");
}

function refusal({ task, param }: Subject, secondsLeft: number): ApiError {
  return invalidRequest(
    "stops_engine",
    `The engine has stopped ${provingDeaths} times when it was to ${task} this and nothing else was new; it is not tried again for ${Math.ceil(secondsLeft)} seconds.`,
    param,
  );
}
