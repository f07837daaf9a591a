/** What a quantity is of late: each new value counts an eighth. */
export interface Average {
  readonly value: number;
  add(value: number): void;
}

/** `guess` serves until there are values. */
export function createAverage(guess: number): Average {
  let value = guess;
  return {
    get value() {
      return value;
    },
    add(added) {
      value += (added - value) / 8;
    },
  };
}
