import type { EmbeddedPrompt } from "../prompt/prompt-embedder.ts";
import type { Chunk, Generator, Stream } from "./generator.ts";
import type { StreamOptions, StreamState } from "./stream-state.ts";

/** What is particular to one way of driving a graph. */
export interface Driver<Cache> {
  begin(prompt: EmbeddedPrompt, options: StreamOptions): StreamState<Cache>;
  /** Makes up to `frames` more frames for each of the rows, none of which has ended. */
  run(rows: readonly StreamState<Cache>[], frames: number): Promise<Chunk[]>;
  /** Frees what a stream keeps. It is not run again. */
  free(state: StreamState<Cache>): void;
}

/** Keeps a generator's streams and its turns. */
export function createStreams<Cache>(
  driver: Driver<Cache>,
): Pick<Generator, "start" | "step" | "release"> {
  const states = new WeakMap<Stream, StreamState<Cache>>();
  let stepping = false;

  function stateOf(stream: Stream): StreamState<Cache> {
    const state = states.get(stream);
    if (!state) throw new Error("the stream is not one of this generator");
    if (state.finish) throw new Error("the stream has ended");
    return state;
  }

  return {
    start(prompt, options) {
      const state = driver.begin(prompt, options);
      const stream: Stream = {
        get frames() {
          return state.frames;
        },
        get finish() {
          return state.finish;
        },
      };
      states.set(stream, state);
      return stream;
    },

    async step(streams, frames) {
      if (stepping) throw new Error("a step is under way");
      stepping = true;
      try {
        return await driver.run(streams.map(stateOf), frames);
      } finally {
        stepping = false;
      }
    },

    release(stream) {
      const state = states.get(stream);
      if (state) driver.free(state);
      states.delete(stream);
    },
  };
}
