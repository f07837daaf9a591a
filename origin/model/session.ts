import * as ort from "onnxruntime-node";
import "./float16-tensors.ts";
import type { Device } from "./device/device.ts";

export type Tensors = Readonly<Record<string, ort.Tensor>>;

export interface SessionInput {
  name: string;
  type: ort.Tensor.Type;
  /** Strings are symbolic dimensions. */
  shape: readonly (number | string)[];
}

export interface Session {
  readonly inputs: readonly SessionInput[];
  /** Runs the model, which blocks this thread. Throws on an input that is missing, unknown or misshapen. */
  run(inputs: Tensors): Promise<Tensors>;
  close(): Promise<void>;
}

export interface SessionOptions {
  threads: number;
  /** The CPU by default. */
  device?: Device;
  /** Whether inputs hardly ever have shapes that they had before, so that plans of memory by shapes only take memory. */
  shapesVary?: boolean;
  /** Outputs that stay on the device where it is WebGPU: to be fed back and disposed of, and never to be read. */
  keptOutputs?: readonly string[];
}

/**
 * Loads a model. Its data file must lie beside it. On a GPU, what the device has no kernels for is computed on the CPU;
 * a device that is not there is an error.
 */
export async function openSession(path: string, options: SessionOptions): Promise<Session> {
  const { threads, device = "cpu", shapesVary = false, keptOutputs = [] } = options;
  const kept = Object.fromEntries(keptOutputs.map((name) => [name, "gpu-buffer" as const]));
  const session = await ort.InferenceSession.create(path, {
    executionProviders: [device],
    ...(device === "webgpu" ? { preferredOutputLocation: kept } : {}),
    // That some nodes have no kernels on a GPU is as it should be.
    ...(device === "cpu" ? {} : { logSeverityLevel: 3 }),
    intraOpNumThreads: threads,
    enableMemPattern: !shapesVary,
    // Spinning workers take the processor from the other engines and from the server for no gain in latency.
    extra: { session: { intra_op: { allow_spinning: "0" } } },
  });
  const inputs = session.inputMetadata.filter((input) => input.isTensor);
  return {
    inputs,
    run: (feeds) => session.run(feeds),
    close: () => session.release(),
  };
}
