/**
 * How fast an engine speaks, measured only while somebody waits for sound: what it makes while all its listeners have
 * enough says nothing of what it could make. Utterances share the engine's work, so the speed is that of all together,
 * and it is kept apart by how many they were: a larger batch makes more sound in a second.
 */
export interface Throughput {
  /** Measures until the item is there. */
  waitFor<Item>(item: Promise<Item>): Promise<Item>;
  /** So many samples have come. */
  heard(samples: number): void;
  /**
   * In samples per second of so many utterances together: as measured with about as many, else with the number nearest to
   * it. Undefined until there is some measure.
   */
  with(utterances: number): number | undefined;
}

/** Less is too little to judge by. */
const enoughSeconds = 1;
/** What lies further back counts half. */
const halfLifeSeconds = 30;

export function createThroughput(underWay: () => number): Throughput {
  /** By the power of two below the number of utterances. */
  const measured = new Map<number, { samples: number; seconds: number }>();
  let waiting = 0;
  let since = 0;

  /** Notes what has come since the last time this was called. */
  function note(samples: number): void {
    const now = performance.now();
    const seconds = (now - since) / 1000;
    since = now;
    if (waiting === 0) return;
    const power = powerBelow(underWay());
    const total = measured.get(power) ?? { samples: 0, seconds: 0 };
    measured.set(power, total);
    total.samples += samples;
    total.seconds += seconds;
    if (total.seconds < 2 * halfLifeSeconds) return;
    total.samples /= 2;
    total.seconds /= 2;
  }

  return {
    async waitFor(item) {
      note(0);
      waiting++;
      try {
        return await item;
      } finally {
        note(0);
        waiting--;
      }
    },
    heard: note,
    with(utterances) {
      const power = powerBelow(utterances);
      const [nearest] = Array.from(measured)
        .filter(([, { seconds }]) => seconds >= enoughSeconds)
        .sort(([a], [b]) => Math.abs(a - power) - Math.abs(b - power) || a - b);
      return nearest && nearest[1].samples / nearest[1].seconds;
    },
  };
}

function powerBelow(utterances: number): number {
  return Math.floor(Math.log2(Math.max(1, utterances)));
}
