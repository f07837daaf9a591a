/** Nobody took what was sent for so long that the rest is not worth waiting for. */
export class StalledReaderError extends Error {
  override readonly name = "StalledReaderError";

  constructor(limitMs: number) {
    super(`the reader took nothing for ${limitMs / 1000} seconds`);
  }
}

interface ByteStreamOptions {
  /** How long a reader may take nothing while there is something to take, in milliseconds; for ever unless given. */
  stallLimitMs?: number;
}

/**
 * Makes a response body of an async generator, pulled as the client reads. When the generator throws, the body errors
 * and the connection is reset. When the client leaves, `stop` is aborted first: a generator that is waiting for its
 * next part only hears of `return()` once that part has come. Once it is aborted, by whomever, the body errors with the
 * reason: it is not whole. A reader who stalls is given up like one who left, with a StalledReaderError for a reason.
 */
export function byteStream(
  parts: AsyncGenerator<Uint8Array, void>,
  stop: AbortController,
  { stallLimitMs }: ByteStreamOptions = {},
): ReadableStream<Uint8Array> {
  let forgetReader = () => {};

  /** The stream asks for more when what it has is taken. */
  function awaitReader(controller: ReadableStreamDefaultController<Uint8Array>): void {
    if (stallLimitMs === undefined) return;
    const patience = setTimeout(() => {
      const stalled = new StalledReaderError(stallLimitMs);
      stop.abort(stalled);
      controller.error(stalled);
      parts.return().catch(() => {});
    }, stallLimitMs);
    forgetReader = () => clearTimeout(patience);
  }

  return new ReadableStream({
    async pull(controller) {
      forgetReader();
      const { done, value } = await parts.next();
      if (stop.signal.aborted) {
        // It may be waiting to be asked for its next part, and hold what it owns.
        parts.return().catch(() => {});
        throw stop.signal.reason;
      }
      if (done) return controller.close();
      controller.enqueue(value);
      awaitReader(controller);
    },
    async cancel(reason) {
      forgetReader();
      stop.abort(reason);
      await parts.return();
    },
  });
}

/** One piece of several, always a copy. */
export function concatenate(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((total, { byteLength }) => total + byteLength, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.byteLength;
  }
  return bytes;
}
