export interface Gate {
  /** Lets through whoever waits, and whoever comes later. */
  open(): void;
  opened: Promise<void>;
}

/** Holds something up until the test says so. */
export function createGate(): Gate {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}
