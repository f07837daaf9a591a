/**
 * GroupQueryAttention takes heads whose size is a multiple of 16. Heads of other sizes are padded with zeros, each half
 * of a head on its own because rotary embedding pairs the halves. The sizes of the published models need no padding;
 * tiny models do.
 */
import type { Value } from "../onnx/graph.ts";
import type { LinearWeight } from "../onnx/linear.ts";
import type { Weights } from "../weights.ts";

const kernelMultiple = 16;

export interface PaddedHeads {
  /** Elements of a head in the graph. */
  readonly size: number;
  /** The epsilon by which the norm over a padded head is the norm over the head itself. */
  normEpsilon(epsilon: number): number;
  /** Weight of the norm of query heads, which makes up for the kernel's scale 1 / sqrt(padded size). */
  queryNorm(weights: Weights, name: string): Value;
  keyNorm(weights: Weights, name: string): Value;
  /** A projection whose outputs are heads. */
  outputs(weight: LinearWeight): LinearWeight;
  /** A projection whose inputs are heads. */
  inputs(weight: LinearWeight): LinearWeight;
}

export function padHeads(headSize: number): PaddedHeads {
  const size = Math.ceil(headSize / kernelMultiple) * kernelMultiple;
  if (size === headSize) {
    return {
      size,
      normEpsilon: (epsilon) => epsilon,
      queryNorm: (weights, name) => weights.tensor(name),
      keyNorm: (weights, name) => weights.tensor(name),
      outputs: (weight) => weight,
      inputs: (weight) => weight,
    };
  }

  // The mean over a padded head is smaller by this share.
  const share = headSize / size;
  const target = (index: number) => {
    const element = index % headSize;
    const shift = element < headSize / 2 ? 0 : (size - headSize) / 2;
    return Math.floor(index / headSize) * size + element + shift;
  };
  const norm = (weights: Weights, name: string, factor: number) =>
    weights.derived(`${name}.padded`, [size], (read) =>
      scatter(read(name), size, 1, target).map((weight) => weight * factor),
    );
  return {
    size,
    normEpsilon: (epsilon) => epsilon * share,
    queryNorm: (weights, name) => norm(weights, name, 1),
    keyNorm: (weights, name) => norm(weights, name, Math.sqrt(share)),
    outputs: (weight) => {
      const outputs = weight.outputs / share;
      return {
        ...weight,
        name: `${weight.name}.padded`,
        outputs,
        read: () => scatter(weight.read(), outputs, weight.inputs, target),
      };
    },
    inputs: (weight) => {
      const inputs = weight.inputs / share;
      return {
        ...weight,
        name: `${weight.name}.padded`,
        inputs,
        read: () => {
          const padded = new Float32Array(weight.outputs * inputs);
          weight.read().forEach((element, index) => {
            const row = Math.floor(index / weight.inputs);
            padded[row * inputs + target(index % weight.inputs)] = element;
          });
          return padded;
        },
      };
    },
  };
}

/** A matrix of `rows` rows of zeros, to which the rows of `matrix` move by `target`. */
function scatter(
  matrix: Float32Array,
  rows: number,
  columns: number,
  target: (row: number) => number,
): Float32Array {
  const scattered = new Float32Array(rows * columns);
  for (let row = 0; row * columns < matrix.length; row++) {
    scattered.set(matrix.subarray(row * columns, (row + 1) * columns), target(row) * columns);
  }
  return scattered;
}
