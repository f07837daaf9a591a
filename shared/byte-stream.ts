/**
 * Makes a response body of an async generator, pulled as the client reads. When the generator throws, the body errors
 * and the connection is reset. When the client leaves, `stop` is aborted first: a generator that is waiting for its
 * next part only hears of `return()` once that part has come. Once it is aborted, by whomever, the body errors with the
 * reason: it is not whole.
 */
export function byteStream(
  parts: AsyncGenerator<Uint8Array, void>,
  stop: AbortController,
): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await parts.next();
      stop.signal.throwIfAborted();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel(reason) {
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
