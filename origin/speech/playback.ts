/** Less is within what players keep before they begin, and what the clocks of two machines differ by. */
const leastGapSeconds = 0.05;

/** Sound that has come. All times are in seconds, by one clock. */
export interface Arrival {
  /** How long it plays. */
  soundSeconds: number;
  /** When the reader asked for it, and when it came. */
  askedAt: number;
  at: number;
  /** When its text came, where that had been waited for. */
  textAt?: number | undefined;
}

/** A listener who plays what comes as it comes. */
export interface Playback {
  /** Takes what has come, and returns for how long the engine left the listener in silence before it: 0 unless that is heard. */
  push(arrival: Arrival): number;
  /** The engine's time for each second of sound after the first; undefined before there is more. */
  readonly realTimeFactor: number | undefined;
}

/**
 * A player that begins with the first sound and waits when there is none left: an underrun. Only silence in which the engine
 * is waited for counts: a reader who is slow to take what there is, or a writer whose text comes when all before it has been
 * heard, has himself to thank for a gap.
 */
export function createPlayback(): Playback {
  /** When all that has come has been played; undefined before the first. */
  let dryAt: number | undefined;
  let sound = 0;
  let work = 0;
  return {
    push({ soundSeconds, askedAt, at, textAt = Number.NEGATIVE_INFINITY }) {
      if (dryAt === undefined) {
        dryAt = at + soundSeconds;
        return 0;
      }
      work += at - Math.min(at, Math.max(askedAt, textAt));
      sound += soundSeconds;
      const gap = textAt > dryAt ? 0 : at - Math.max(dryAt, askedAt);
      dryAt = Math.max(dryAt, at) + soundSeconds;
      return gap < leastGapSeconds ? 0 : gap;
    },
    get realTimeFactor() {
      return sound > 0 ? work / sound : undefined;
    },
  };
}
