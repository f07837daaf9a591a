import { Tensor } from "onnxruntime-node";
import { fillUniforms } from "../random.ts";
import type { Tensors } from "../session.ts";
import type { GraphShape } from "./graph-shape.ts";
import type { DecoderSampling, StreamState } from "./stream-state.ts";

/** Every token; larger than any vocabulary. */
const noTopK = 2 ** 31;
/** Keeps only the likeliest token, as 0 is to do, and is above 0 in float32. */
const leastTopP = 1e-30;

/** Inputs of a call that makes at most `frames` frames for every row, but for their number and the caches. */
export type BatchInputs = (rows: readonly StreamState[], frames: number) => Tensors;

/** `pad` [H] is added to the frames that have no trailing text. */
export function createBatchInputs(shape: GraphShape, pad: Float32Array): BatchInputs {
  const { width, vocabulary, codebooks } = shape;

  function trailingOf(row: StreamState, frame: number): Float32Array {
    const start = frame * width;
    return start < row.trailing.length ? row.trailing.subarray(start, start + width) : pad;
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
    const sampling = (name: string, of: (row: StreamState) => DecoderSampling) => ({
      [`${name}.temperature`]: floats(rows.map((row) => of(row).temperature)),
      [`${name}.topK`]: longs(rows.map((row) => of(row).topK || noTopK)),
      [`${name}.topP`]: floats(rows.map((row) => Math.max(of(row).topP, leastTopP))),
      [`${name}.greedy`]: new Tensor(
        "bool",
        Uint8Array.from(rows.map((row) => Number(of(row).greedy))),
        [rows.length],
      ),
    });

    const steps = (rows[0]?.embeddings.length ?? 0) / width;
    const embeddings = new Float32Array(rows.length * steps * width);
    const seen = new Uint8Array(rows.length * vocabulary);
    rows.forEach((row, index) => {
      embeddings.set(row.embeddings, index * steps * width);
      seen.set(row.seen, index * vocabulary);
    });
    const lengths = Int32Array.from(rows.map(({ positions }) => positions));
    return {
      embeddings: new Tensor("float32", embeddings, [rows.length, steps, width]),
      length: new Tensor("int32", lengths, [rows.length]),
      frame: longs(rows.map((row) => row.frames)),
      frameLimit: longs(rows.map(({ options }) => options.maxFrames)),
      seen: new Tensor("bool", seen, [rows.length, vocabulary]),
      trailing: perFrame(rows, frames, width, (target, row, frame) =>
        target.set(trailingOf(row, frame)),
      ),
      uniforms: perFrame(rows, frames, codebooks, (target, row, frame) =>
        fillUniforms(target, row.options.seed, frame),
      ),
      repetitionPenalty: floats(rows.map(({ options }) => options.repetitionPenalty)),
      ...sampling("talker", ({ options }) => options.talker),
      ...sampling("predictor", ({ options }) => options.predictor),
    };
  };
}
