/** A start that is under way, or has been. */
export interface Start {
  /** Resolves when it has succeeded, and rejects with what it was told when it has failed. */
  readonly promise: Promise<void>;
  succeed(): void;
  fail(reason: Error): void;
}

export function createStart(): Start {
  let succeed = () => {};
  let fail = (_reason: Error) => {};
  const promise = new Promise<void>((resolve, reject) => {
    succeed = resolve;
    fail = reject;
  });
  // Whoever asks is told; nobody has to ask.
  promise.catch(() => {});
  return { promise, succeed, fail };
}
