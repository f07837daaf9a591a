/** How well the choices of codes agree with exact ones over many steps. */
export interface Agreement {
  readonly steps: number;
  /** Steps with the right choice. */
  readonly agreed: number;
  /** The relative error of a step's logits, on average. */
  readonly error: number;
  add(agrees: boolean, error: number): void;
}

export function createAgreement(): Agreement {
  let steps = 0;
  let agreed = 0;
  let errors = 0;
  return {
    get steps() {
      return steps;
    },
    get agreed() {
      return agreed;
    },
    get error() {
      return errors / steps;
    },
    add(agrees, error) {
      steps++;
      if (agrees) agreed++;
      errors += error;
    },
  };
}
