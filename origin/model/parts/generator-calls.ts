// Runs in a thread of `partsApart`: the graph that makes frames.
import { answerCalls } from "../../process/thread.ts";
import type { Chunk, Stream } from "../generate/generator.ts";
import type { KeyValueSizes } from "../generate/key-value-bytes.ts";
import type { StreamOptions } from "../generate/stream-state.ts";
import type { EmbeddedPrompt } from "../prompt/prompt-embedder.ts";
import { type GeneratorPart, type GraphFile, partsHere } from "./parts.ts";

/** See `Generator`. */
interface Standing {
  heldBytes: number;
  reusedPositions: number;
}

/** What a stream gained in a step. */
interface Gained extends Chunk {
  /** That it has by now. */
  frames: number;
}

export type GeneratorCalls = {
  open(graph: GraphFile): Promise<KeyValueSizes>;
  start(begun: { id: number; prompt: EmbeddedPrompt; options: StreamOptions }): void;
  step(step: { ids: number[]; frames: number }): Promise<{ gained: Gained[]; standing: Standing }>;
  /** Returns what is held then, in bytes. */
  release(id: number): number;
  close(nothing: null): Promise<void>;
};

let part: GeneratorPart | undefined;
const streams = new Map<number, Stream>();

function opened(): GeneratorPart {
  if (!part) throw new Error("the graph is not open");
  return part;
}

function streamOf(id: number): Stream {
  const stream = streams.get(id);
  if (!stream) throw new Error("the stream is not one of this generator");
  return stream;
}

const calls: GeneratorCalls = {
  async open(graph) {
    part = await partsHere.openGenerator(graph);
    return part.generator.keyValues;
  },
  start({ id, prompt, options }) {
    streams.set(id, opened().generator.start(prompt, options));
  },
  async step({ ids, frames }) {
    const { generator } = opened();
    const members = ids.map(streamOf);
    const chunks = await generator.step(members, frames);
    const gained = chunks.map((chunk, index) => ({
      ...chunk,
      frames: members[index]?.frames ?? 0,
    }));
    const { heldBytes, reusedPositions } = generator;
    return { gained, standing: { heldBytes, reusedPositions } };
  },
  release(id) {
    const { generator } = opened();
    const stream = streams.get(id);
    streams.delete(id);
    if (stream) generator.release(stream);
    return generator.heldBytes;
  },
  close: () => opened().close(),
};

answerCalls(calls);
