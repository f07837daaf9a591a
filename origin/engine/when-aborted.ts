/** Rejects when the signal is aborted, to be raced against what does not listen to it. */
export function whenAborted(signal: AbortSignal): Promise<never> {
  const aborted = new Promise<never>((_resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
  });
  // Nobody may be racing it at that moment.
  aborted.catch(() => {});
  return aborted;
}
