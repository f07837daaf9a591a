/** A promise that is settled from outside, once. */
export interface Deferred {
  readonly promise: Promise<void>;
  resolve(): void;
  reject(reason: Error): void;
}

export function createDeferred(): Deferred {
  let resolve = () => {};
  let reject = (_reason: Error) => {};
  const promise = new Promise<void>((resolveIt, rejectIt) => {
    resolve = resolveIt;
    reject = rejectIt;
  });
  // Whoever asks is told; nobody has to ask.
  promise.catch(() => {});
  return { promise, resolve, reject };
}
