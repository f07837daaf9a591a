import { unavailable } from "../../shared/api-error.ts";

/** Keeps the number of answers under way within what the machine was given for them. */
export interface Admission {
  /** Takes a place and returns what gives it back. Throws an ApiError (503) when there is none or the server stops. */
  enter(): () => void;
  /** Answers under way. */
  readonly active: number;
  /** Refuses newcomers from now on; resolves when the last answer has left. */
  drain(): Promise<void>;
  readonly draining: boolean;
}

export function createAdmission(maxActive: number): Admission {
  let active = 0;
  let averageSeconds = 2;
  let emptied: (() => void) | undefined;
  let draining = false;
  return {
    enter() {
      if (draining) throw unavailable("server_stopping", "The server is being stopped.", 1);
      if (active >= maxActive) {
        throw unavailable(
          "server_is_overloaded",
          `All ${maxActive} places for speech are taken.`,
          averageSeconds / maxActive,
        );
      }
      active++;
      const start = performance.now();
      let left = false;
      return () => {
        if (left) return;
        left = true;
        active--;
        averageSeconds += ((performance.now() - start) / 1000 - averageSeconds) / 8;
        if (active === 0) emptied?.();
      };
    },
    get active() {
      return active;
    },
    async drain() {
      draining = true;
      if (active > 0) await new Promise<void>((resolve) => (emptied = resolve));
    },
    get draining() {
      return draining;
    },
  };
}
