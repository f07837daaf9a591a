/** Less is within what players keep before they begin, and what the clocks of two machines differ by. */
const leastGapSeconds = 0.05;

/** A listener who plays what comes as it comes. */
export interface Playback {
  /**
   * So many seconds of sound have come, which the engine took so many seconds to make. Returns for how long the listener
   * heard nothing before them.
   */
  push(soundSeconds: number, engineSeconds: number): number;
  /** The engine's time for each second of sound after the first; undefined before there is more. */
  readonly realTimeFactor: number | undefined;
}

/**
 * A player that begins with the first sound and waits when there is none left. The engine's time alone counts: a reader who
 * is slow to take what there is has himself to thank for a gap.
 */
export function createPlayback(): Playback {
  /** Made and not yet played. */
  let lead = 0;
  let hasBegun = false;
  let sound = 0;
  let work = 0;
  return {
    push(soundSeconds, engineSeconds) {
      const isFirst = !hasBegun;
      hasBegun = true;
      if (!isFirst) {
        lead -= engineSeconds;
        work += engineSeconds;
        sound += soundSeconds;
      }
      const gap = Math.max(0, -lead);
      lead = Math.max(0, lead) + soundSeconds;
      return gap < leastGapSeconds ? 0 : gap;
    },
    get realTimeFactor() {
      return sound > 0 ? work / sound : undefined;
    },
  };
}
