/**
 * Who may begin to speak. Everything is counted before an answer's first byte, so that what cannot be spoken well is
 * refused, and with an honest guess at when it could be.
 */
import { unavailable } from "../../shared/api-error.ts";
import { createAverage } from "../average.ts";
import { keyValueBytes as bytesOf } from "../engine/key-value-bytes.ts";
import type { SupervisedEngine } from "../engine/supervisor.ts";
import { delaySeconds } from "./delay.ts";

export interface AdmissionLimits {
  /** Answers spoken at once; those that wait for their models are not counted. */
  maxActive: number;
  /** What all of them may need for keys and values. */
  keyValueBytes: number;
  /** How long a listener may have to wait because of the others, in all. */
  maxWaitSeconds: number;
}

/** What one answer asks of its engine. */
export interface StreamNeeds {
  engine: Pick<SupervisedEngine, "speedWithOneMore" | "keyValues">;
  /** Of each utterance that is spoken for it at once, at most. */
  positions: readonly number[];
  /** How long the speech will be, about. */
  expectedSeconds: number;
  /** How much of it has been spoken. */
  spokenSeconds(): number;
}

/** One answer. */
export interface Place {
  /**
   * Takes a place, and counts what the answer needs from now on. Throws an ApiError (503) when there is no place, or too
   * much is needed at present.
   */
  occupy(needs: StreamNeeds): void;
  /** Gives everything back; again does nothing. */
  leave(): void;
}

export interface Admission {
  /** Announces an answer. Throws an ApiError (503) when all places are occupied or the server stops. */
  enter(): Place;
  /** Answers under way. */
  readonly active: number;
  readonly limits: AdmissionLimits;
  /** What the answers under way may need for keys and values. */
  readonly keyValueBytes: number;
  /** Refuses newcomers from now on; resolves when the last answer has left. */
  drain(): Promise<void>;
  readonly draining: boolean;
}

export function createAdmission(limits: AdmissionLimits): Admission {
  const { maxActive, maxWaitSeconds } = limits;
  const places = new Map<Place, StreamNeeds | undefined>();
  const answerSeconds = createAverage(2);
  let emptied: (() => void) | undefined;
  let draining = false;

  const streams = () => [...places.values()].filter((needs) => needs !== undefined);

  /** What the streams of all engines may hold together: those of one share its calls. */
  function keyValueBytes(some: readonly StreamNeeds[]): number {
    const byEngine = new Map<StreamNeeds["engine"], number[]>();
    for (const { engine, positions } of some) {
      byEngine.set(engine, [...(byEngine.get(engine) ?? []), ...positions]);
    }
    return Array.from(byEngine, ([{ keyValues }, positions]) =>
      keyValues ? bytesOf(keyValues, positions) : 0,
    ).reduce((sum, bytes) => sum + bytes, 0);
  }

  /** Of what is in use, all is given back within the time of an answer, on average. */
  function overloaded(message: string, missing: number, used: number) {
    const seconds = answerSeconds.value * Math.min(1, missing / used);
    return unavailable("server_is_overloaded", message, seconds);
  }

  function requirePlace(): void {
    if (streams().length < maxActive) return;
    throw overloaded(`All ${maxActive} places for speech are taken.`, 1, maxActive);
  }

  function requireMemory(needs: StreamNeeds): void {
    const used = keyValueBytes(streams());
    const needed = keyValueBytes([...streams(), needs]);
    const missing = needed - limits.keyValueBytes;
    // Alone, a stream that needs more than there should be is better spoken than refused for ever.
    if (used === 0 || needed === used || missing <= 0) return;
    throw overloaded("The streams under way leave too little memory for this text.", missing, used);
  }

  function requireTime({ engine, expectedSeconds }: StreamNeeds): void {
    const owed = streams()
      .filter((other) => other.engine === engine)
      .map((other) => Math.max(0, other.expectedSeconds - other.spokenSeconds()));
    const speed = engine.speedWithOneMore();
    if (owed.length === 0 || speed === undefined) return;
    const seconds = delaySeconds(expectedSeconds, owed, speed);
    if (seconds <= maxWaitSeconds) return;
    throw unavailable(
      "server_is_overloaded",
      `With the streams under way this text would be spoken ${Math.ceil(seconds)} seconds late.`,
      seconds - maxWaitSeconds,
    );
  }

  return {
    enter() {
      if (draining) throw unavailable("server_stopping", "The server is being stopped.", 1);
      requirePlace();
      let start: number | undefined;
      const place: Place = {
        occupy(needs) {
          requirePlace();
          requireMemory(needs);
          requireTime(needs);
          places.set(place, needs);
          start = performance.now();
        },
        leave() {
          if (!places.delete(place)) return;
          // Those who were refused say nothing of how long an answer takes.
          if (start !== undefined) answerSeconds.add((performance.now() - start) / 1000);
          if (places.size === 0) emptied?.();
        },
      };
      places.set(place, undefined);
      return place;
    },
    get active() {
      return places.size;
    },
    limits,
    get keyValueBytes() {
      return keyValueBytes(streams());
    },
    async drain() {
      draining = true;
      if (places.size > 0) await new Promise<void>((resolve) => (emptied = resolve));
    },
    get draining() {
      return draining;
    },
  };
}
