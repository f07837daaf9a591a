import type { Engine } from "../engine/engine.ts";

/** An engine that counts what it speaks. */
export interface CountingEngine {
  readonly engine: Engine;
  spokenSeconds(): number;
}

/** Takes an engine that has started. */
export function countSpoken(engine: Engine): CountingEngine {
  let samples = 0;
  return {
    engine: {
      ...engine,
      async *synthesize(utterance, signal) {
        const speech = engine.synthesize(utterance, signal);
        let next = await speech.next();
        for (; !next.done; next = await speech.next()) {
          samples += next.value.length;
          yield next.value;
        }
        return next.value;
      },
    },
    spokenSeconds: () => samples / engine.sampleRate,
  };
}
