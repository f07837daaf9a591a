const windowSeconds = 10;
const sampleSeconds = 0.25;

/** How fast something arrives: over the last seconds, so that a pause shows. */
export interface TransferRate {
  /** So many more bytes arrived. */
  add(bytes: number): void;
  /** Bytes per second; 0 until there is something to tell it by. */
  perSecond(): number;
}

export function createTransferRate(): TransferRate {
  const now = () => performance.now() / 1000;
  let received = 0;
  let sampledAt = now();
  let samples = [{ seconds: sampledAt, received }];
  return {
    add(bytes) {
      received += bytes;
      const seconds = now();
      if (seconds - sampledAt < sampleSeconds) return;
      sampledAt = seconds;
      samples = samples.filter((sample) => sample.seconds > seconds - windowSeconds);
      samples.push({ seconds, received });
    },
    perSecond() {
      const [first] = samples;
      const elapsed = first ? now() - first.seconds : 0;
      return first && elapsed > 0 ? (received - first.received) / elapsed : 0;
    },
  };
}
