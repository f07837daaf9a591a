import type { UtteranceEnd } from "./engine.ts";

/** What has arrived of one utterance and waits for its reader. The child's credit bounds its size. */
export interface Inbox {
  put(item: Float32Array | UtteranceEnd): void;
  /** Drops what waits; the reader meets the error at once and from then on. */
  fail(error: unknown): void;
  /** The next chunk, or the end after the last one. One reader at a time. */
  take(): Promise<Float32Array | UtteranceEnd>;
}

export function createInbox(): Inbox {
  const items: (Float32Array | UtteranceEnd)[] = [];
  let failure: { error: unknown } | undefined;
  let wake = () => {};

  return {
    put(item) {
      items.push(item);
      wake();
    },
    fail(error) {
      failure ??= { error };
      wake();
    },
    async take() {
      for (;;) {
        if (failure) throw failure.error;
        const item = items.shift();
        if (item) return item;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}
