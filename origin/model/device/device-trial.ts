// The process of `tryDevice`: opens a session on the device it is told, and ends with what came in the way.
import { InferenceSession } from "onnxruntime-node";
import { encodeModel } from "../onnx/proto.ts";

/** Adds a number to itself. */
const smallestModel = encodeModel({
  irVersion: 10,
  producer: "",
  operatorSets: { "": 21 },
  graph: {
    name: "main",
    initializers: [],
    values: [],
    inputs: [{ name: "x", type: "float32", shape: [1] }],
    outputs: [{ name: "y", type: "float32", shape: [1] }],
    nodes: [
      { operator: "Add", domain: "", name: "", inputs: ["x", "x"], outputs: ["y"], attributes: {} },
    ],
  },
});

const [device = ""] = process.argv.slice(2);
try {
  await InferenceSession.create(Buffer.concat(smallestModel.parts), {
    executionProviders: [device],
    logSeverityLevel: 4,
  });
} catch (cause) {
  process.stdout.write(cause instanceof Error ? cause.message : String(cause));
  process.exitCode = 1;
}
