import { describe, expect, test } from "vitest";
import { linear, type WeightFormat } from "../../../../origin/model/onnx/linear.ts";
import { evaluate, floats } from "../built-model.ts";

/** Even noise in [-1, 1), the same in every run. */
function noise(length: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

async function product(format: WeightFormat, rows: number, inputs: number, outputs: number) {
  const x = noise(rows * inputs, 1);
  const matrix = noise(outputs * inputs, 2);
  const bias = noise(outputs, 3);
  const { y } = await evaluate(
    (model) => {
      const weight = { name: "w", inputs, outputs, format, read: () => matrix };
      const biasValue = model.constant("float32", [...bias]);
      const result = linear(model.input("x", "float32", ["rows", inputs]), weight, biasValue);
      model.output("y", result, ["rows", outputs]);
    },
    { x: floats(x, [rows, inputs]) },
  );

  const expected = Array.from({ length: rows * outputs }, (_, index) => {
    const row = Math.floor(index / outputs);
    const column = index % outputs;
    let sum = bias[column] ?? 0;
    for (let k = 0; k < inputs; k++) {
      sum += (x[row * inputs + k] ?? 0) * (matrix[column * inputs + k] ?? 0);
    }
    return sum;
  });
  const errorPower = expected.reduce(
    (power, value, index) => power + (value - (y?.[index] ?? 0)) ** 2,
    0,
  );
  const power = expected.reduce((total, value) => total + value ** 2, 0);
  return Math.sqrt(errorPower / power);
}

describe.each([
  ["one row", 1],
  ["five rows", 5],
])("x · wᵀ + bias of %s differs from float64 arithmetic", (_, rows) => {
  test.each([
    ["float32", 1e-6],
    ["int8", 0.012],
    ["int4", 0.1],
  ] as const)("in %s by less than %d", async (format, tolerance) => {
    // 300 is no multiple of the block size: the last block of every row is padded.
    expect(await product(format, rows, 300, 40)).toBeLessThan(tolerance);
    expect(await product(format, rows, 24, 28)).toBeLessThan(tolerance);
  });
});
