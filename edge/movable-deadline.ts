// Timers alone measure the time here: the clock of a Worker, `performance.now()` as well as `Date.now()`, is that of its machine,
// which may be set forwards or back by any amount.

/** A time limit that is moved often and rarely reached. */
export interface MovableDeadline {
  /** Sets it to so many milliseconds from now. */
  moveTo(milliseconds: number): void;
  /** Puts it off until it is moved again. */
  pause(): void;
  /** Ends it for good. */
  clear(): void;
}

/** In so many steps a limit passes; one that is moved in the midst of a step is reached up to a step late. */
const steps = 10;

/**
 * Calls `onReached` once, when a limit is reached. There is one timer at a time however often the limit is moved, and none is set
 * for a move to what the limit was before.
 */
export function createMovableDeadline(onReached: () => void): MovableDeadline {
  let limitMs = 0;
  let stepsLeft = Number.POSITIVE_INFINITY;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function arm(): void {
    timer = setTimeout(step, limitMs / steps);
  }

  function disarm(): void {
    if (timer !== undefined) clearTimeout(timer);
    timer = undefined;
  }

  function step(): void {
    timer = undefined;
    if (stepsLeft === Number.POSITIVE_INFINITY) return;
    stepsLeft--;
    if (stepsLeft > 0) {
      arm();
    } else {
      stepsLeft = Number.POSITIVE_INFINITY;
      onReached();
    }
  }

  return {
    moveTo(milliseconds) {
      if (milliseconds !== limitMs) disarm();
      limitMs = milliseconds;
      if (timer !== undefined) {
        // The step under way does not count.
        stepsLeft = steps + 1;
        return;
      }
      stepsLeft = steps;
      arm();
    },
    pause() {
      stepsLeft = Number.POSITIVE_INFINITY;
    },
    clear() {
      stepsLeft = Number.POSITIVE_INFINITY;
      disarm();
    },
  };
}
