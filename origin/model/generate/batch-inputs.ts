import { Tensor } from "onnxruntime-node";
import { fillUniforms } from "../random.ts";
import type { Tensors } from "../session.ts";
import type { GraphShape } from "./graph-shape.ts";
import { samplingTensors, uniformFor } from "./sampling-parameters.ts";
import type { StreamState } from "./stream-state.ts";

/** Inputs of a call that makes at most `frames` frames for every row, but for their number and the caches. */
export type BatchInputs = (rows: readonly StreamState[], frames: number) => Tensors;

/** `pad` [H] is added to the frames that have no trailing text. */
export function createBatchInputs(shape: GraphShape, pad: Float32Array): BatchInputs {
  const { width, vocabulary, predictorVocabulary, codebooks } = shape;

  function trailingOf(row: StreamState, frame: number): Float32Array {
    const start = frame * width;
    return start < row.trailing.length ? row.trailing.subarray(start, start + width) : pad;
  }

  function fillDraws(target: Float32Array, { options }: StreamState, frame: number): void {
    fillUniforms(target, options.seed, frame);
    target.forEach((uniform, code) => {
      target[code] = uniformFor(code === 0 ? options.talker : options.predictor, uniform);
    });
  }

  /** [frames, B, element count], each element written by `fill`. */
  function perFrame(
    rows: readonly StreamState[],
    frames: number,
    elements: number,
    fill: (target: Float32Array, row: StreamState, frame: number) => void,
  ): Tensor {
    const data = new Float32Array(frames * rows.length * elements);
    for (let step = 0; step < frames; step++) {
      rows.forEach((row, index) => {
        const start = (step * rows.length + index) * elements;
        fill(data.subarray(start, start + elements), row, row.frames + step);
      });
    }
    return new Tensor("float32", data, [frames, rows.length, elements]);
  }

  return (rows, frames) => {
    const floats = (values: number[]) =>
      new Tensor("float32", Float32Array.from(values), [rows.length]);
    const longs = (values: number[]) =>
      new Tensor("int64", BigInt64Array.from(values, BigInt), [rows.length]);
    const steps = (rows[0]?.embeddings.length ?? 0) / width;
    const embeddings = new Float32Array(rows.length * steps * width);
    const seen = new Uint8Array(rows.length * vocabulary);
    rows.forEach((row, index) => {
      embeddings.set(row.embeddings, index * steps * width);
      seen.set(row.seen, index * vocabulary);
    });
    const lengths = Int32Array.from(rows.map(({ positions }) => positions));
    const total = Math.max(...lengths) + steps + frames - 1;
    return {
      embeddings: new Tensor("float32", embeddings, [rows.length, steps, width]),
      length: new Tensor("int32", lengths, [rows.length]),
      total: new Tensor("int32", Int32Array.of(total), []),
      frame: longs(rows.map((row) => row.frames)),
      frameLimit: longs(rows.map(({ options }) => options.maxFrames)),
      seen: new Tensor("bool", seen, [rows.length, vocabulary]),
      trailing: perFrame(rows, frames, width, (target, row, frame) =>
        target.set(trailingOf(row, frame)),
      ),
      uniforms: perFrame(rows, frames, codebooks, fillDraws),
      repetitionPenalty: floats(rows.map(({ options }) => options.repetitionPenalty)),
      ...samplingTensors(
        "talker",
        rows.map(({ options }) => options.talker),
        vocabulary,
      ),
      ...samplingTensors(
        "predictor",
        rows.map(({ options }) => options.predictor),
        predictorVocabulary,
      ),
    };
  };
}
