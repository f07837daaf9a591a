// Counts unanswered pings instead of looking at the clock: after a stall of this process itself (a suspended machine,
// a long garbage collection) the answers that wait unread must not be taken for silence.

const fewestPings = 3;

export interface WatchdogOptions {
  /** Until the first message. */
  startLimitSeconds: number;
  /** Between messages after that. */
  hangLimitSeconds: number;
  /** From when one that is silent counts as late; by default a third of the limit. */
  lateAfterSeconds?: number | undefined;
  ping(): void;
  onSilence(reason: string): void;
}

export interface Watchdog {
  /** The watched process said something, whatever it was. */
  heard(): void;
  /** Whether it has left a ping without an answer for so long. */
  readonly isLate: boolean;
  stop(): void;
}

/** Pings a process once it has spoken up, and reports it when it keeps silent for longer than a limit. */
export function createWatchdog(options: WatchdogOptions): Watchdog {
  const { startLimitSeconds, hangLimitSeconds, ping, onSilence } = options;
  const { lateAfterSeconds = hangLimitSeconds / fewestPings } = options;
  const pingsPerLimit = Math.max(fewestPings, Math.round(hangLimitSeconds / lateAfterSeconds));
  let unanswered = 0;
  let pinging: NodeJS.Timeout | undefined;

  const starting = setTimeout(
    () => onSilence(`it did not start within ${startLimitSeconds} seconds`),
    startLimitSeconds * 1000,
  );

  function check() {
    if (unanswered === pingsPerLimit) {
      clearInterval(pinging);
      return onSilence(`it did not answer for ${hangLimitSeconds} seconds`);
    }
    unanswered++;
    ping();
  }

  return {
    get isLate() {
      return unanswered > 1;
    },
    heard() {
      unanswered = 0;
      clearTimeout(starting);
      pinging ??= setInterval(check, (hangLimitSeconds * 1000) / pingsPerLimit);
    },
    stop() {
      clearTimeout(starting);
      clearInterval(pinging);
    },
  };
}
