import type { Engine, LogBindings, Utterance, UtteranceEnd } from "../../origin/engine/engine.ts";

export interface Heard {
  chunks: Float32Array[];
  pcm: Float32Array;
  end: UtteranceEnd;
}

const anything: Utterance = {
  model: "qwen3-tts-12hz-0.6b-custom-voice",
  text: "Hello.",
  speaker: null,
  mix: null,
  voice: null,
  language: "english",
  instructions: null,
  sampling: {},
  seed: 0,
  retryable: false,
};

/** Has the engine speak, without reading anything yet. */
export function begin(
  engine: Engine,
  utterance: Partial<Utterance>,
  signal = new AbortController().signal,
  bindings: LogBindings = {},
): AsyncGenerator<Float32Array, UtteranceEnd> {
  return engine.synthesize({ ...anything, ...utterance }, signal, undefined, undefined, bindings);
}

/** Has the engine speak, and reads it to the end. */
export async function listen(engine: Engine, utterance: Partial<Utterance>): Promise<Heard> {
  const audio = begin(engine, utterance);
  const chunks: Float32Array[] = [];
  let next = await audio.next();
  for (; !next.done; next = await audio.next()) chunks.push(next.value);
  return { chunks, pcm: join(chunks), end: next.value };
}

function join(chunks: readonly Float32Array[]): Float32Array {
  const pcm = new Float32Array(chunks.reduce((length, chunk) => length + chunk.length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    pcm.set(chunk, offset);
    offset += chunk.length;
  }
  return pcm;
}

/** What the promise is rejected with. Throws when it is not. */
export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ("error" in outcome) return outcome.error;
  throw new Error(`expected a failure, got ${JSON.stringify(outcome.value)}`);
}
