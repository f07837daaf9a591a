import { describe, expect, test } from "vitest";
import type { Value } from "../../../../origin/model/onnx/graph.ts";
import { gelu, silu, softmax } from "../../../../origin/model/onnx/ops/activation.ts";
import {
  add,
  cast,
  clamp,
  divide,
  greaterOrEqual,
  less,
  subtract,
  where,
} from "../../../../origin/model/onnx/ops/arithmetic.ts";
import { rotate } from "../../../../origin/model/onnx/ops/attention.ts";
import { convolve } from "../../../../origin/model/onnx/ops/convolution.ts";
import {
  addAndRmsNorm,
  layerNorm,
  rmsNorm,
} from "../../../../origin/model/onnx/ops/normalization.ts";
import { cumSum, reduceMax, topK } from "../../../../origin/model/onnx/ops/reduction.ts";
import {
  concat,
  expand,
  gather,
  range,
  reshape,
  sizeOf,
  slice,
  split,
  transpose,
} from "../../../../origin/model/onnx/ops/shape.ts";
import { evaluate, floats } from "../built-model.ts";

/** x = [[1, 2, 3], [4, 5, 6]] */
const results: [name: string, build: (x: Value) => Value, expected: number[]][] = [
  ["x - 1", (x) => subtract(x, 1), [0, 1, 2, 3, 4, 5]],
  ["12 / x", (x) => divide(12, x), [12, 6, 4, 3, 2.4, 2]],
  ["x + a row", (x) => add(x, [10, 20, 30]), [11, 22, 33, 14, 25, 36]],
  ["clamp", (x) => clamp(x, 2, 5), [2, 2, 3, 4, 5, 5]],
  ["where", (x) => where(less(x, 3), x, -1), [1, 2, -1, -1, -1, -1]],
  ["comparison as numbers", (x) => cast(greaterOrEqual(x, 4), "int64"), [0, 0, 0, 1, 1, 1]],
  ["silu", (x) => silu(slice(x, { axis: 0, start: 0, end: 1 })), [0.731059, 1.761594, 2.857722]],
  ["gelu", (x) => gelu(slice(x, { axis: 0, start: 0, end: 1 })), [0.841345, 1.9545, 2.99595]],
  [
    "softmax of rows",
    (x) => softmax(slice(x, { axis: 1, start: -2 })),
    [0.268941, 0.731059, 0.268941, 0.731059],
  ],
  ["running sum of rows", (x) => cumSum(x, 1), [1, 3, 6, 4, 9, 15]],
  ["largest of columns", (x) => reduceMax(x, [0]), [4, 5, 6]],
  ["top two", (x) => topK(x, 2).values, [3, 2, 6, 5]],
  ["places of the top two", (x) => topK(x, 2).indices, [2, 1, 2, 1]],
  ["transpose", (x) => transpose(x, [1, 0]), [1, 4, 2, 5, 3, 6]],
  ["last column", (x) => slice(x, { axis: 1, start: -1 }), [3, 6]],
  ["columns by number", (x) => gather(x, [2, 0], 1), [3, 1, 6, 4]],
  [
    "parts the other way round",
    (x) => concat([...split(x, [1, 2], 1)].reverse(), 1),
    [2, 3, 1, 5, 6, 4],
  ],
  ["a size", (x) => sizeOf(x, 1), [3]],
  ["a size of the last axis", (x) => sizeOf(x, -1), [3]],
  ["numbers up to a size", (x) => range(sizeOf(x, 1), "float32"), [0, 1, 2]],
  [
    "a shape from sizes",
    (x) => expand(reshape(sizeOf(x, 0), [1, -1]), [sizeOf(x, 1), 1]),
    [2, 2, 2],
  ],
];

test.each(results)("%s", async (_, build, expected) => {
  const { y } = await evaluate(
    (model) => {
      const x = model.input("x", "float32", ["rows", "columns"]);
      model.output("y", reshape(build(x), [-1]), ["elements"]);
    },
    { x: floats([1, 2, 3, 4, 5, 6], [2, 3]) },
  );

  expect(y).toHaveLength(expected.length);
  expected.forEach((value, index) => {
    expect(y?.[index]).toBeCloseTo(value, 4);
  });
});

describe("layers with weights", () => {
  test("normalisation by the root mean square and by mean and variance", async () => {
    const { rms, layer } = await evaluate(
      (model) => {
        const x = model.input("x", "float32", ["rows", 2]);
        const weight = model.constant("float32", [1, 10]);
        const bias = model.constant("float32", [0, 5]);
        model.output("rms", rmsNorm(x, weight, 0), ["rows", 2]);
        model.output("layer", layerNorm(x, weight, bias, 0), ["rows", 2]);
      },
      { x: floats([1, 7], [1, 2]) },
    );

    expect(rms).toEqual([expect.closeTo(0.2, 5), expect.closeTo(14, 4)]);
    expect(layer).toEqual([expect.closeTo(-1, 5), expect.closeTo(15, 4)]);
  });

  test("a sum and its normalisation are what they are one after the other", async () => {
    const size = [2, 3, 8];
    const values = (factor: number) =>
      floats(
        Array.from({ length: 48 }, (_, index) => Math.sin(factor * index)),
        size,
      );
    const { sum, normed, sumAlone, normedAlone } = await evaluate(
      (model) => {
        const [x, y] = ["x", "y"].map((name) => model.input(name, "float32", size)) as [
          Value,
          Value,
        ];
        const weight = model.constant("float32", [1, 2, 3, 4, 5, 6, 7, 8]);
        const fused = addAndRmsNorm(x, y, weight, 1e-6);
        model.output("sum", fused.sum, size);
        model.output("normed", fused.normed, size);
        model.output("sumAlone", add(x, y), size);
        model.output("normedAlone", rmsNorm(add(x, y), weight, 1e-6), size);
      },
      { x: values(1), y: values(2) },
    );

    expect(sum).toEqual(sumAlone);
    expect(normed).toEqual(normedAlone?.map((value) => expect.closeTo(Number(value), 4)));
  });

  test("convolution over time with a dilation", async () => {
    const { y } = await evaluate(
      (model) => {
        const x = model.input("x", "float32", [1, 2, 4]);
        const weight = model.constant("float32", [1, 10, 100, 1000], [1, 2, 1, 2]);
        const bias = model.constant("float32", [0.5]);
        model.output("y", convolve(x, weight, bias, { dilation: 2 }), [1, 1, 2]);
      },
      { x: floats([1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 4]) },
    );

    expect(y).toEqual([1 + 30 + 500 + 7000.5, 2 + 40 + 600 + 8000.5]);
  });

  test("rotation pairs the halves of a head", async () => {
    const { y } = await evaluate(
      (model) => {
        const x = model.input("x", "float32", [1, 1, 1, 4]);
        const table = {
          cosines: model.constant("float32", [1, 1, 0, 0.5], [2, 2]),
          sines: model.constant("float32", [0, 0, 1, 0.25], [2, 2]),
        };
        model.output("y", rotate(x, model.constant("int64", [1]), table), [1, 1, 1, 4]);
      },
      { x: floats([1, 2, 3, 4], [1, 1, 1, 4]) },
    );

    expect(y).toEqual([-3, 2 * 0.5 - 4 * 0.25, 1, 4 * 0.5 + 2 * 0.25]);
  });
});
