import { concatenate } from "./concatenate.ts";
import type { Model, Value } from "./onnx/graph.ts";
import type { LinearWeight, WeightFormat } from "./onnx/linear.ts";

/** Where tensors are read from: a safetensors file, or anything alike. */
export interface TensorSource {
  readonly tensors: ReadonlyMap<string, { shape: readonly number[] }>;
  read(name: string): Float32Array;
}

/** The tensors of a checkpoint as weights of a model, by the names they have under a prefix. */
export interface Weights {
  readonly format: WeightFormat;
  /** The names' prefix, without its last dot. */
  readonly path: string;
  /** Those whose names go on with `prefix` and a dot. */
  under(prefix: string): Weights;
  /** A float32 initialiser of the stored shape, or of another one for as many elements. */
  tensor(name: string, shape?: readonly number[]): Value;
  /** Weight of one linear layer, or of several on the same input with their outputs one after the other. */
  matrix(...names: readonly [string, ...string[]]): LinearWeight;
  /** A float32 initialiser computed from stored tensors; `name` is its own. */
  derived(name: string, shape: readonly number[], compute: (read: Read) => Float32Array): Value;
  /** A linear weight [outputs, inputs] computed from stored tensors. */
  derivedMatrix(
    name: string,
    shape: readonly [outputs: number, inputs: number],
    compute: (read: Read) => Float32Array,
  ): LinearWeight;
  shape(name: string): readonly number[];
}

export type Read = (name: string) => Float32Array;

export interface WeightsOptions {
  /** Format of linear weights. Everything else is float32. */
  format: WeightFormat;
  prefix?: string;
}

export function createWeights(
  model: Model,
  source: TensorSource,
  options: WeightsOptions,
): Weights {
  const { format, prefix = "" } = options;
  const read: Read = (name) => source.read(prefix + name);

  function shape(name: string): readonly number[] {
    const info = source.tensors.get(prefix + name);
    if (!info) throw new Error(`the checkpoint has no tensor ${prefix}${name}`);
    return info.shape;
  }

  return {
    format,
    path: prefix.slice(0, -1),
    under: (next) => createWeights(model, source, { ...options, prefix: `${prefix}${next}.` }),
    tensor: (name, dimensions = shape(name)) =>
      model.initializer(prefix + name, "float32", dimensions, () => read(name)),
    matrix: (...names) => ({
      name: prefix + names.join("+"),
      inputs: shape(names[0])[1] ?? 1,
      outputs: names.reduce((total, name) => total + (shape(name)[0] ?? 1), 0),
      format,
      read: () => concatenate(names.map(read)),
    }),
    derived: (name, dimensions, compute) =>
      model.initializer(prefix + name, "float32", dimensions, () => compute(read)),
    derivedMatrix: (name, [outputs, inputs], compute) => ({
      name: prefix + name,
      inputs,
      outputs,
      format,
      read: () => compute(read),
    }),
    shape,
  };
}
