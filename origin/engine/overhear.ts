import type { Engine, LogBindings } from "./engine.ts";

/** An engine whose sound is heard on its way to whoever asked for it, and who that is known. Takes one that has started. */
export function overhear(
  engine: Engine,
  hear: (samples: Float32Array) => void,
  bindings?: LogBindings,
): Engine {
  return {
    ...engine,
    async *synthesize(utterance, signal, onWords, listener) {
      const speech = engine.synthesize(utterance, signal, onWords, listener, bindings);
      let next = await speech.next();
      for (; !next.done; next = await speech.next()) {
        hear(next.value);
        yield next.value;
      }
      return next.value;
    },
  };
}
