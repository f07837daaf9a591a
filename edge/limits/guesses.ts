import { rateLimited } from "../errors.ts";
import { isWithin, type Span, spanOf } from "../span.ts";

/**
 * How long an address that is past its limit looks up no unknown key. Short, since others with good keys may share it, and
 * long enough that its guesses cost next to nothing.
 */
export const refusalSeconds = 10;

/** About a megabyte each. */
const maxRemembered = 10_000;

/** What an isolate remembers of keys and of who guesses them: a rate limit can only be asked by counting. */
export interface Guesses {
  /** Begins an attempt to be let in; an undefined address is never refused. */
  attempt(address: string | undefined): Attempt;
}

export interface Attempt {
  /** Is called before a key is looked up, by its id. Throws a 429 for a key not known to be good, if the address is refused. */
  beforeLookup(id: string): void;
  /** The key that was looked up is good, until it is found not to be. */
  succeeded(): void;
  /** It is not. */
  failed(): void;
  /** The address is past its limit. Does nothing to one whose attempt has cost no look-up. */
  refused(): void;
}

export function createGuesses(nowMs = Date.now, max = maxRemembered): Guesses {
  const goodIds = new Map<string, true>();
  const refusals = new Map<string, Span>();
  return {
    attempt(address) {
      const lookedUp = new Set<string>();
      return {
        beforeLookup(id) {
          const refusal = address ? refusals.get(address) : undefined;
          const now = nowMs();
          if (refusal && isWithin(refusal, now) && !goodIds.has(id)) {
            throw rateLimited(Math.ceil((refusal.untilMs - now) / 1000));
          }
          lookedUp.add(id);
        },
        succeeded() {
          for (const id of lookedUp) remember(goodIds, id, true, max);
        },
        failed() {
          for (const id of lookedUp) goodIds.delete(id);
        },
        refused() {
          if (!address || lookedUp.size === 0) return;
          remember(refusals, address, spanOf(refusalSeconds * 1000, nowMs()), max);
        },
      };
    },
  };
}

/** The one remembered longest ago gives way. */
function remember<Value>(map: Map<string, Value>, name: string, value: Value, max: number): void {
  map.delete(name);
  map.set(name, value);
  const [oldest] = map.keys();
  if (map.size > max && oldest !== undefined) map.delete(oldest);
}
