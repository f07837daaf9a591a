/** What is waited before each restart after quick deaths in a row; past the last one the engine is given up. */
export const defaultRestartDelaysSeconds: readonly number[] = [0.1, 0.5, 2, 8, 30];

/** What is waited from then on before each single start, which it takes a request to make. */
export const defaultRetryIntervalSeconds = 5 * 60;

/** A process that was ready for this long, or spoke an utterance to its end, starts a new row. */
const defaultProvenAfterSeconds = 60;

/** Of one process. One that never was ready has 0 seconds: how long it took to fail proves nothing. */
export interface Life {
  readySeconds: number;
  utterancesEnded: number;
}

export interface RestartPolicy {
  /** Whether a process has shown that the engine works, which ends a row of quick deaths. */
  isProven(life: Life): boolean;
  /**
   * Seconds to wait before the next start, or undefined when it should not be tried again. A death is explained by an
   * utterance that will be refused from now on; it counts for nothing.
   */
  afterDeath(life: Life & { isExplained?: boolean }): number | undefined;
}

export function createRestartPolicy(
  delaysSeconds: readonly number[],
  provenAfterSeconds = defaultProvenAfterSeconds,
): RestartPolicy {
  let quickDeaths = 0;
  const isProven = ({ readySeconds, utterancesEnded }: Life) =>
    readySeconds >= provenAfterSeconds || utterancesEnded > 0;

  return {
    isProven,
    afterDeath({ isExplained = false, ...life }) {
      if (isProven(life)) quickDeaths = 0;
      if (isExplained) return delaysSeconds[0];
      return delaysSeconds[quickDeaths++];
    },
  };
}
