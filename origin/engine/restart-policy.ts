/** What is waited before each restart after quick deaths in a row; past the last one the engine is given up. */
export const defaultRestartDelaysSeconds: readonly number[] = [0.1, 0.5, 2, 8, 30];

/** What is waited from then on before each single start, which it takes a request to make. */
export const defaultRetryIntervalSeconds = 5 * 60;

/** A process that lived this long, or spoke an utterance to its end, starts a new row. */
const provenAfterSeconds = 60;

export interface RestartPolicy {
  /** Seconds to wait before the next start, or undefined when it should not be tried again. */
  afterDeath(life: { seconds: number; utterancesEnded: number }): number | undefined;
}

export function createRestartPolicy(delaysSeconds: readonly number[]): RestartPolicy {
  let quickDeaths = 0;

  return {
    afterDeath({ seconds, utterancesEnded }) {
      if (seconds >= provenAfterSeconds || utterancesEnded > 0) quickDeaths = 0;
      return delaysSeconds[quickDeaths++];
    },
  };
}
