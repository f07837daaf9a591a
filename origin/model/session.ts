import * as ort from "onnxruntime-node";

export type Tensors = Readonly<Record<string, ort.Tensor>>;

export interface Session {
  /** Runs the model, which blocks this thread. Throws on an input that is missing, unknown or misshapen. */
  run(inputs: Tensors): Promise<Tensors>;
  close(): Promise<void>;
}

export interface SessionOptions {
  threads: number;
}

/** Loads a model. Its data file must lie beside it. */
export async function openSession(path: string, options: SessionOptions): Promise<Session> {
  const session = await ort.InferenceSession.create(path, {
    intraOpNumThreads: options.threads,
    // Spinning workers take the processor from the other engines and from the server for no gain in latency.
    extra: { session: { intra_op: { allow_spinning: "0" } } },
  });
  return {
    run: (inputs) => session.run(inputs),
    close: () => session.release(),
  };
}
