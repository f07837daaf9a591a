import type { Model } from "../onnx/graph.ts";
import type { RotaryTable } from "../onnx/ops/attention.ts";

export interface RotaryOptions {
  /** Elements of a head, of which each half has its own sequence of frequencies: theta^(-2i / size). */
  headSize: number;
  /** Elements of a head in the graph; angles of the padding are 0. */
  paddedSize: number;
  theta: number;
  positions: number;
}

/** Cosines and sines of rotary position embedding (Su et al. 2021), angles in float32 as the official code has them. */
export function rotaryTable(model: Model, name: string, options: RotaryOptions): RotaryTable {
  const { headSize, paddedSize, theta, positions } = options;
  const columns = paddedSize / 2;
  const frequencies = Float32Array.from({ length: headSize / 2 }, (_, index) =>
    Math.fround(1 / Math.fround(theta ** ((2 * index) / headSize))),
  );
  const table = (of: (angle: number) => number) => () => {
    const values = new Float32Array(positions * columns).fill(of(0));
    for (let position = 0; position < positions; position++) {
      frequencies.forEach((frequency, index) => {
        values[position * columns + index] = of(Math.fround(position * frequency));
      });
    }
    return values;
  };
  const shape = [positions, columns];
  return {
    cosines: model.initializer(`${name}.cosines`, "float32", shape, table(Math.cos)),
    sines: model.initializer(`${name}.sines`, "float32", shape, table(Math.sin)),
  };
}
