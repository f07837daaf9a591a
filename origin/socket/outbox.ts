/** Where messages go while somebody is connected. */
export interface Wire {
  send(data: string | Uint8Array, onSent: () => void): void;
  /** Bytes that wait to be sent. */
  readonly bufferedAmount: number;
  close(code: number, reason: string): void;
}

export interface OutboxLimits {
  /** Of what was sent and is kept, should the connection be lost, and of what is made while it is. */
  keptBytes: number;
  keptMs: number;
  /** Of what waits on the wire before nothing more is made. */
  bufferedBytes: number;
  /** How long a reader may take nothing while something waits to be made for it. */
  stallMs: number;
}

/** The numbered messages of a session, which outlives its connections. */
export interface Outbox {
  send(make: (sequence: number) => string | Uint8Array): void;
  /** Waits until a message more may be made. Rejects with the signal's reason. */
  room(signal: AbortSignal): Promise<void>;
  /** Sends on from the message after `lastSequence`; returns false if some of them are not kept. */
  attach(wire: Wire, lastSequence: number): boolean;
  detach(): void;
  readonly lastSequence: number;
}

export function createOutbox(limits: OutboxLimits, onStall: () => void): Outbox {
  const kept: { sequence: number; data: string | Uint8Array; bytes: number; at: number }[] = [];
  let keptBytes = 0;
  let unsentBytes = 0;
  let sequence = 0;
  let sentTo = 0;
  let wire: Wire | undefined;
  let wakers: (() => void)[] = [];

  function wake(): void {
    const woken = wakers;
    wakers = [];
    for (const waker of woken) waker();
  }

  function trim(): void {
    const oldest = performance.now() - limits.keptMs;
    for (let first = kept[0]; first; first = kept[0]) {
      const isNeeded = keptBytes <= limits.keptBytes && first.at >= oldest;
      if (isNeeded || first.sequence > sentTo) return;
      kept.shift();
      keptBytes -= first.bytes;
    }
  }

  function transmit(to: Wire, data: string | Uint8Array, number: number): void {
    sentTo = number;
    to.send(data, wake);
  }

  const hasRoom = () =>
    wire ? wire.bufferedAmount < limits.bufferedBytes : unsentBytes < limits.keptBytes;

  return {
    send(make) {
      sequence++;
      const data = make(sequence);
      const bytes = typeof data === "string" ? Buffer.byteLength(data) : data.byteLength;
      kept.push({ sequence, data, bytes, at: performance.now() });
      keptBytes += bytes;
      if (wire) transmit(wire, data, sequence);
      else unsentBytes += bytes;
      trim();
    },
    async room(signal) {
      for (;;) {
        signal.throwIfAborted();
        if (hasRoom()) return;
        // A session without a connection has a limit of its own.
        const timer = wire ? setTimeout(onStall, limits.stallMs) : undefined;
        await new Promise<void>((resolve) => {
          const waker = () => {
            signal.removeEventListener("abort", waker);
            resolve();
          };
          wakers.push(waker);
          signal.addEventListener("abort", waker);
        });
        clearTimeout(timer);
      }
    },
    attach(next, lastSequence) {
      const first = kept[0]?.sequence ?? sequence + 1;
      if (lastSequence > sequence || lastSequence + 1 < first) return false;
      wire = next;
      unsentBytes = 0;
      for (const message of kept) {
        if (message.sequence > lastSequence) transmit(next, message.data, message.sequence);
      }
      wake();
      return true;
    },
    detach() {
      wire = undefined;
      wake();
    },
    get lastSequence() {
      return sequence;
    },
  };
}
