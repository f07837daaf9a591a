/** Lets a number of tasks run at a time, the others wait in their order. */
export interface Turns {
  /** Resolves to what gives the turn back. Throws the signal's reason when that is aborted first. */
  take(signal: AbortSignal): Promise<() => void>;
}

export function createTurns(count: number): Turns {
  let free = count;
  const waiting: (() => void)[] = [];

  const giveBack = () => {
    const next = waiting.shift();
    if (next) next();
    else free++;
  };

  return {
    async take(signal) {
      signal.throwIfAborted();
      if (free > 0) free--;
      else await wait(waiting, signal);
      return giveBack;
    },
  };
}

function wait(waiting: (() => void)[], signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const proceed = () => {
      signal.removeEventListener("abort", leave);
      resolve();
    };
    const leave = () => {
      waiting.splice(waiting.indexOf(proceed), 1);
      reject(signal.reason);
    };
    signal.addEventListener("abort", leave, { once: true });
    waiting.push(proceed);
  });
}
