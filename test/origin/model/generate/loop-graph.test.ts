// What a GPU would be held up by cannot be measured without one, but it can be read off the graph.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { InferenceSession } from "onnxruntime-node";
import { expect, onTestFinished, test } from "vitest";
import { openCheckpoint } from "../../../../origin/model/checkpoint/checkpoint.ts";
import { generatorKinds } from "../../../../origin/model/generate/generator-kind.ts";
import { createDataFile } from "../../../../origin/model/onnx/data-file.ts";
import type { Model, Value } from "../../../../origin/model/onnx/graph.ts";
import { createModel, type ModelOptions } from "../../../../origin/model/onnx/model.ts";
import { picoCheckpoint } from "../../../support/packs.ts";
import { temporaryFolder } from "../built-model.ts";
import { decodeProtobuf, type Fields, messages, texts } from "../onnx/decode-protobuf.ts";

interface Node {
  operator: string;
  inputs: string[];
  bodies: Fields[];
}

function nodesOf(graph: Fields): Node[] {
  return messages(graph, 1).map((node) => ({
    operator: texts(node, 4)[0] ?? "",
    inputs: texts(node, 1),
    bodies: messages(node, 5).flatMap((attribute) => messages(attribute, 6)),
  }));
}

const withBranches = (nodes: readonly Node[]): Node[] =>
  nodes.flatMap((node) => [node, ...node.bodies.flatMap((body) => withBranches(nodesOf(body)))]);

/** Writes the graph of a kind of generator into a folder. */
function write(
  folder: string,
  name: "loop" | "frame",
  options: ModelOptions,
  after = (_: Model) => {},
): string {
  const kind = generatorKinds.find((kind) => kind.name === name);
  const checkpoint = openCheckpoint(picoCheckpoint("0.6b-custom-voice"));
  const data = createDataFile(join(folder, "weights.data"));
  const model = createModel(data, options);
  kind?.build(model, checkpoint, "float16");
  after(model);
  const path = join(folder, "graph.onnx");
  model.write(path);
  data.close();
  checkpoint.close();
  return path;
}

/** The inputs of the graph of a kind of generator, and the nodes that make each frame. */
function build(name: "loop" | "frame") {
  const [graph] = messages(decodeProtobuf(readFileSync(write(temporaryFolder(), name, {}))), 7);
  if (!graph) throw new Error("the model has no graph");
  const nodes = nodesOf(graph);
  const [body] = nodes.find(({ operator }) => operator === "Loop")?.bodies ?? [];
  return {
    given: messages(graph, 11).flatMap((input) => texts(input, 1)),
    frame: body ? nodesOf(body) : nodes,
  };
}

/** Inputs that the kernels of GPUs want on the host, by where they stand. */
const hostInputs: Record<string, number> = { TopK: 1, GroupQueryAttention: 6, If: 0 };

test.each(["loop", "frame"] as const)(
  "what a %s needs on the host was known before the call",
  (name) => {
    const { given, frame } = build(name);
    const needed = withBranches(frame).flatMap(({ operator, inputs }) => {
      const place = hostInputs[operator];
      return place === undefined ? [] : [`${operator} ${inputs[place]}`];
    });

    const wanted = ["total", "talker.limitsMass", "predictor.limitsMass"];
    expect(given).toEqual(expect.arrayContaining(wanted));
    expect(new Set(needed)).toEqual(
      new Set([
        "GroupQueryAttention total",
        ...Array.from(
          { length: 15 },
          (_, code) => `GroupQueryAttention constant/int32[](${code + 2})`,
        ),
        ...["talker", "predictor"].flatMap((decoder) => [
          `TopK ${decoder}.sorted`,
          `If ${decoder}.limitsMass`,
        ]),
      ]),
    );
  },
);

test("a frame asks for no sizes, and a draw without a top p takes 14 nodes", () => {
  const { frame } = build("loop");
  const count = (...operators: string[]) =>
    frame.filter(({ operator }) => operators.includes(operator)).length;

  // Two layers of the talker, two of the predictor for 15 codes, and 16 draws.
  expect(frame).toHaveLength(1281);
  expect(count("Shape", "Size", "Range", "Expand")).toBe(0);
  expect(
    count("TopK", "GatherElements", "If", "Softmax", "CumSum", "LessOrEqual", "ReduceSum"),
  ).toBe(7 * 16);
});

/**
 * Where sizes are unknown the plan of memory looks through all that is free for each value: seconds for the published sizes.
 * The runtime tells the shapes of outputs, so here every value is one.
 */
test("the sizes of all that a frame computes are known, if only by name", async () => {
  const computed: Value[] = [];
  const path = write(
    temporaryFolder(),
    "frame",
    { onValue: (value) => computed.push(value) },
    (model) => {
      for (const value of computed) {
        if (value.graph.parent || isLeftOut(value)) continue;
        model.output(`shown/${value.name}`, value, null);
      }
    },
  );
  const session = await InferenceSession.create(path, { graphOptimizationLevel: "disabled" });
  onTestFinished(() => session.release());

  const shown = session.outputMetadata.filter(({ name }) => name.startsWith("shown/"));
  expect(shown.length).toBeGreaterThan(1000);
  const unknown = shown.filter(
    (output) => !output.isTensor || output.shape.some((size) => size === "" || size === -1),
  );
  expect(unknown.map(({ name }) => name)).toEqual([]);
});

/** Mean and deviation of a norm, which are never made: the second and third of its four results. */
function isLeftOut({ name }: Value): boolean {
  const number = /SkipSimplifiedLayerNormalization\.out_(\d+)$/.exec(name)?.[1];
  return [2, 3].includes(Number(number) % 4);
}
