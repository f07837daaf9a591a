/**
 * Parts in threads of their own, which make frames and sound at the same time and leave this thread to whoever asks for
 * them. What streams keep stays with the threads.
 */
import { startThread } from "../../process/thread.ts";
import { copiedState, stateOfCopy } from "../codec/session-state.ts";
import type { Stream } from "../generate/generator.ts";
import type { FinishReason } from "../generate/stream-state.ts";
import type { CodecCalls } from "./codec-calls.ts";
import type { GeneratorCalls } from "./generator-calls.ts";
import type { CodecPart, DecoderFile, GeneratorPart, GraphFile, Parts } from "./parts.ts";

export const partsApart: Parts = { openGenerator, openCodec };

/** A stream as it was after its last step. */
interface KnownStream extends Stream {
  frames: number;
  finish: FinishReason | null;
}

/** Ends a thread that could not open what it is for. */
async function giveUp(thread: { close(): Promise<void> }, cause: unknown): Promise<never> {
  await thread.close();
  throw cause;
}

/** Of a call whose failure the calls after it tell. */
const untold = () => {};

async function openGenerator(graph: GraphFile): Promise<GeneratorPart> {
  const thread = startThread<GeneratorCalls>(new URL("generator-calls.ts", import.meta.url));
  const keyValues = await thread.call("open", graph).catch((cause) => giveUp(thread, cause));
  const ids = new WeakMap<Stream, number>();
  let begun = 0;
  let standing = { heldBytes: 0, reusedPositions: 0 };

  function idOf(stream: Stream): number {
    const id = ids.get(stream);
    if (id === undefined) throw new Error("the stream is not one of this generator");
    return id;
  }

  async function release(id: number): Promise<void> {
    const heldBytes = await thread.call("release", id);
    standing = { ...standing, heldBytes };
  }

  return {
    generator: {
      keyValues,
      get heldBytes() {
        return standing.heldBytes;
      },
      get reusedPositions() {
        return standing.reusedPositions;
      },
      start(prompt, options) {
        const id = ++begun;
        const stream: KnownStream = { frames: 0, finish: null };
        ids.set(stream, id);
        thread.call("start", { id, prompt, options }).catch(untold);
        return stream;
      },
      async step(streams, frames) {
        const step = await thread.call("step", { ids: streams.map(idOf), frames });
        standing = step.standing;
        for (const [index, { frames, finish }] of step.gained.entries()) {
          Object.assign(streams[index] ?? {}, { frames, finish });
        }
        return step.gained.map(({ codes, finish }) => ({ codes, finish }));
      },
      release(stream) {
        const id = ids.get(stream);
        ids.delete(stream);
        if (id !== undefined) release(id).catch(untold);
      },
    },
    answered: thread.answered,
    async close() {
      await thread.call("close", null);
      await thread.close();
    },
  };
}

async function openCodec(decoder: DecoderFile): Promise<CodecPart> {
  const thread = startThread<CodecCalls>(new URL("codec-calls.ts", import.meta.url));
  await thread.call("open", decoder).catch((cause) => giveUp(thread, cause));
  let begun = 0;
  return {
    open(after) {
      const id = ++begun;
      thread.call("begin", { id, after: after ? copiedState(after) : null }).catch(untold);
      return {
        push: (codes) => thread.call("push", { id, codes }),
        close() {
          thread.call("end", id).catch(untold);
        },
      };
    },
    async stateAfter(codes) {
      return stateOfCopy(await thread.call("stateAfter", codes));
    },
    answered: thread.answered,
    async close() {
      await thread.call("close", null);
      await thread.close();
    },
  };
}
