/** A time limit that is moved often and rarely reached. */
export interface MovableDeadline {
  /** Sets it to so many milliseconds from now. */
  moveTo(milliseconds: number): void;
  /** Puts it off until it is moved again. */
  pause(): void;
  /** Ends it for good. */
  clear(): void;
}

/**
 * Calls `onReached` once, when a limit is reached. It is one timer however often the limit is moved: it is set anew only
 * when it runs out before the limit.
 */
export function createMovableDeadline(onReached: () => void): MovableDeadline {
  let endsAt = Number.POSITIVE_INFINITY;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let timerEndsAt = Number.POSITIVE_INFINITY;

  function arm(milliseconds: number): void {
    if (timer !== undefined) clearTimeout(timer);
    timerEndsAt = Date.now() + milliseconds;
    timer = setTimeout(check, milliseconds);
  }

  function check(): void {
    timer = undefined;
    timerEndsAt = Number.POSITIVE_INFINITY;
    if (endsAt === Number.POSITIVE_INFINITY) return;
    const left = endsAt - Date.now();
    if (left > 0) {
      arm(left);
    } else {
      endsAt = Number.POSITIVE_INFINITY;
      onReached();
    }
  }

  return {
    moveTo(milliseconds) {
      endsAt = Date.now() + milliseconds;
      if (endsAt < timerEndsAt) arm(milliseconds);
    },
    pause() {
      endsAt = Number.POSITIVE_INFINITY;
    },
    clear() {
      endsAt = Number.POSITIVE_INFINITY;
      if (timer !== undefined) clearTimeout(timer);
      timer = undefined;
      timerEndsAt = Number.POSITIVE_INFINITY;
    },
  };
}
