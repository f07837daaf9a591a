/**
 * Lets a generator be returned at any time, also before its first part was asked for: none of its code runs then, not even
 * a `finally`, so what it owns is given back by `close`. Takes a generator that was not started, and gives the same one
 * back. When it was started, its own `finally` has run before; `close` must bear to be called again.
 */
export function closable<Part>(
  parts: AsyncGenerator<Part, void>,
  close: () => unknown,
): AsyncGenerator<Part, void> {
  const leave = parts.return.bind(parts);
  return Object.assign(parts, {
    async return() {
      try {
        return await leave();
      } finally {
        await close();
      }
    },
  });
}
