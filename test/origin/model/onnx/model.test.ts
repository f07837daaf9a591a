import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createDataFile } from "../../../../origin/model/onnx/data-file.ts";
import type { Model } from "../../../../origin/model/onnx/graph.ts";
import { createModel } from "../../../../origin/model/onnx/model.ts";
import { softmax } from "../../../../origin/model/onnx/ops/activation.ts";
import { add, multiply } from "../../../../origin/model/onnx/ops/arithmetic.ts";
import { loop } from "../../../../origin/model/onnx/ops/loop.ts";
import { rmsNorm } from "../../../../origin/model/onnx/ops/normalization.ts";
import { temporaryFolder } from "../built-model.ts";
import { decodeProtobuf, type Fields, messages, texts } from "./decode-protobuf.ts";

/** Field numbers as in onnx.proto. */
const modelFields = { irVersion: 1, graph: 7, operatorSet: 8 };
const graphFields = { node: 1, initializer: 5, input: 11, output: 12, value: 13 };

function written(build: (model: Model) => void) {
  const folder = temporaryFolder();
  const dataFile = createDataFile(join(folder, "weights.data"));
  const model = createModel(dataFile);
  build(model);
  model.write(join(folder, "model.onnx"));
  dataFile.close();
  const fields = decodeProtobuf(readFileSync(join(folder, "model.onnx")));
  const [graph] = messages(fields, modelFields.graph);
  if (!graph) throw new Error("the model has no graph");
  return { fields, graph, dataPath: join(folder, "weights.data") };
}

test("declares the versions of the format and of both operator sets", () => {
  const { fields } = written(() => {});

  expect(fields.get(modelFields.irVersion)).toEqual([10n]);
  const sets = messages(fields, modelFields.operatorSet).map((set) => [texts(set, 1), set.get(2)]);
  expect(sets).toEqual([
    [[""], [21n]],
    [["com.microsoft"], [1n]],
  ]);
});

test("names nodes by their scopes and numbers repeated ones", () => {
  const { graph } = written((model) => {
    const x = model.input("x", "float32", ["batch", 4]);
    model.scope("talker", () => model.scope("layer.3", () => add(add(x, 1), 2)));
    multiply(x, x);
  });

  const names = messages(graph, graphFields.node).map((node) => texts(node, 3));
  expect(names).toEqual([["talker/layer.3/Add"], ["talker/layer.3/Add_2"], ["Mul"]]);
});

test("tells shapes that are described, of what nodes compute and of what a body is given", () => {
  const { graph } = written((model) => {
    const x = model.describe(add(model.input("x", "float32", ["batch", 4]), 1), ["batch", 4]);
    loop({ limit: model.input("limit", "int64", []), carried: { x } }, ({ x }) => {
      model.describe(x, ["rows", 4]);
      return { carried: { x: model.describe(add(x, 1), ["rows", 4]) }, collected: {} };
    });
  });
  const [body] = messages(graph, graphFields.node)
    .flatMap((node) => messages(node, 5))
    .flatMap((attribute) => messages(attribute, 6));
  if (!body) throw new Error("the loop has no body");
  const shapes = (values: Fields[]) =>
    values.map((value) => {
      const [shape] = messages(value, 2)
        .flatMap((type) => messages(type, 1))
        .flatMap((tensor) => messages(tensor, 2));
      const sizes = shape ? messages(shape, 1) : [];
      return [
        texts(value, 1)[0],
        sizes.flatMap((size) => [...texts(size, 2), ...(size.get(1) ?? [])]),
      ];
    });

  expect(shapes(messages(graph, graphFields.value))).toEqual([["Add.out", ["batch", 4n]]]);
  expect(shapes(messages(body, graphFields.value))).toEqual([["loop/Add.out", ["rows", 4n]]]);
  expect(shapes(messages(body, graphFields.input))).toContainEqual(["loop/x", ["rows", 4n]]);
});

test("keeps symbolic dimensions of inputs and outputs", () => {
  const { graph } = written((model) => {
    const x = model.input("x", "int64", ["batch", 4]);
    model.output("y", add(x, 1), ["batch", 4]);
  });

  for (const [field, name] of [
    [graphFields.input, "x"],
    [graphFields.output, "y"],
  ] as const) {
    const [value] = messages(graph, field);
    expect(value && texts(value, 1)).toEqual([name]);
    const [tensorType] = value ? messages(value, 2).flatMap((type) => messages(type, 1)) : [];
    expect(tensorType?.get(1)).toEqual([7n]);
    const [shape] = tensorType ? messages(tensorType, 2) : [];
    const dimensions = shape ? messages(shape, 1) : [];
    expect(dimensions.map((dimension) => [dimension.get(1), texts(dimension, 2)])).toEqual([
      [undefined, ["batch"]],
      [[4n], []],
    ]);
  }
});

test("writes integer and float attributes as what they are", () => {
  const { graph } = written((model) => {
    const x = model.input("x", "float32", [2]);
    softmax(rmsNorm(x, model.constant("float32", [1, 1]), 0.5));
  });

  const attributes = messages(graph, graphFields.node).flatMap((node) => messages(node, 5));
  const byName = attributes.map((attribute) => [
    texts(attribute, 1)[0],
    attribute.get(3) ?? attribute.get(2),
    attribute.get(20),
  ]);
  expect(byName).toEqual([
    ["axis", [2n ** 64n - 1n], [2n]],
    ["epsilon", [new Uint8Array(Float32Array.of(0.5).buffer)], [1n]],
    ["axis", [2n ** 64n - 1n], [2n]],
  ]);
});

test("computes every output of a loop's body in the body, under a name of its own", () => {
  const { graph } = written((model) => {
    const x = model.input("x", "float32", [1]);
    loop({ limit: model.constant("int64", 2), carried: { a: x, b: x, c: x, d: x } }, ({ a, b }) => {
      const sum = add(a, b);
      return { carried: { a: b, b: sum, c: sum, d: x }, collected: {} };
    });
  });

  const [body] = messages(graph, graphFields.node)
    .flatMap((node) => messages(node, 5))
    .flatMap((attribute) => messages(attribute, 6));
  if (!body) throw new Error("the loop has no body");
  const outputs = messages(body, graphFields.output).flatMap((value) => texts(value, 1));
  const computed = messages(body, graphFields.node).flatMap((node) => texts(node, 2));
  expect(new Set(outputs).size).toBe(5);
  expect(computed).toEqual(expect.arrayContaining(outputs));
});

test("keeps small tensors in the model and puts big ones, page-aligned and once, into the data file", () => {
  const small = Float32Array.of(1, 2);
  const big = Float32Array.from({ length: 1500 }, (_, index) => index);
  let produced = 0;
  const { graph, dataPath } = written((model) => {
    const bigTensor = (name: string) =>
      model.initializer(name, "float32", [1500], () => {
        produced++;
        return big;
      });
    model.initializer("small", "float32", [2], () => small);
    add(bigTensor("first"), bigTensor("first"));
    bigTensor("second");
  });

  const [inline, first, second, ...others] = messages(graph, graphFields.initializer);
  expect(inline?.get(9)).toEqual([new Uint8Array(small.buffer)]);
  const external = [first, second].map((tensor) => {
    if (!tensor) throw new Error("an initialiser is missing");
    expect(tensor.get(14)).toEqual([1n]);
    expect(tensor.has(9)).toBe(false);
    const entries = messages(tensor, 13).map((entry) => [texts(entry, 1)[0], texts(entry, 2)[0]]);
    return { name: texts(tensor, 8)[0], ...Object.fromEntries(entries) };
  });
  expect(external).toEqual([
    { name: "first", location: "weights.data", offset: "0", length: "6000" },
    { name: "second", location: "weights.data", offset: "8192", length: "6000" },
  ]);
  expect(others).toEqual([]);
  expect(produced).toBe(2);
  expect(statSync(dataPath).size).toBe(8192 + 6000);
  expect(readFileSync(dataPath).subarray(8192)).toEqual(Buffer.from(big.buffer));
});

test("models that share a data file share their tensors", () => {
  const folder = temporaryFolder();
  const dataFile = createDataFile(join(folder, "weights.data"));
  for (const _ of [1, 2]) {
    createModel(dataFile).initializer("w", "float32", [1500], () => new Float32Array(1500));
  }

  expect(dataFile.byteLength).toBe(6000);
  dataFile.close();
});

test("refuses a tensor whose data do not fill its shape", () => {
  expect(() =>
    written((model) => model.initializer("w", "float32", [3], () => new Float32Array(2))),
  ).toThrow("w: 8 bytes do not fill float32[3]");
});

test("refuses operands of different types and a name given twice", () => {
  expect(() =>
    written((model) => add(model.input("x", "float32", [1]), model.input("n", "int64", [1]))),
  ).toThrow("Add: x is float32 but n is int64");
  expect(() =>
    written((model) => {
      model.input("x", "float32", [1]);
      model.input("x", "float32", [1]);
    }),
  ).toThrow("the name x is used twice");
});
