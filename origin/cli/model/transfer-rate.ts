const windowSeconds = 10;

/** How fast something arrives: over the last seconds, so that a pause shows. */
export interface TransferRate {
  /** So many more bytes arrived. */
  add(bytes: number): void;
  /** Bytes per second; 0 until there is something to tell it by. */
  perSecond(): number;
}

export function createTransferRate(): TransferRate {
  let received = 0;
  let samples = [{ seconds: performance.now() / 1000, received }];
  return {
    add(bytes) {
      const seconds = performance.now() / 1000;
      received += bytes;
      samples.push({ seconds, received });
      const recent = samples.findIndex((sample) => sample.seconds > seconds - windowSeconds);
      if (recent > 0) samples = samples.slice(recent);
    },
    perSecond() {
      const [first] = samples;
      const elapsed = first ? performance.now() / 1000 - first.seconds : 0;
      return first && elapsed > 0 ? (received - first.received) / elapsed : 0;
    },
  };
}
