/** What one utterance may still send before its reader takes something. */
export interface Credit {
  grant(samples: number): void;
  /** Takes the samples off and, when nothing is left, waits for the next grant that leaves something. */
  spend(samples: number): Promise<void>;
}

export function createCredit(samples: number): Credit {
  let left = samples;
  let goOn = () => {};

  return {
    grant(more) {
      left += more;
      if (left > 0) goOn();
    },
    async spend(sent) {
      left -= sent;
      if (left > 0) return;
      await new Promise<void>((resolve) => {
        goOn = resolve;
      });
    },
  };
}
