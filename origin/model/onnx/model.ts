import { writeFileSync } from "node:fs";
import type { DataFile } from "./data-file.ts";
import { type ElementType, toTensorData } from "./element-type.ts";
import {
  createGraph,
  type DeclareInput,
  type Graph,
  isVisible,
  type Model,
  type NodeSpecification,
  type Value,
} from "./graph.ts";
import { createInitializers } from "./initializers.ts";
import { createNames } from "./names.ts";
import { encodeModel } from "./proto.ts";

/** The newest operator set that every execution provider of ONNX Runtime 1.30 we use has kernels for. */
const operatorSets = { "": 21, "com.microsoft": 1 };
/** The IR version that came with operator set 21 (onnx/docs/Versioning.md). */
const irVersion = 10;

export interface ModelOptions {
  /** Told of what each node computes, while that graph is under construction. */
  onValue?: (value: Value) => void;
}

/** `dataFile` may be shared by models that have tensors in common. */
export function createModel(dataFile: DataFile, { onValue }: ModelOptions = {}): Model {
  const names = createNames();
  const main = createGraph(null);
  const initializers = createInitializers(dataFile);
  let current = main;

  function valueIn(graph: Graph, name: string, type: ElementType): Value {
    return { name, type, graph, model: self };
  }

  function emit(specification: NodeSpecification, outputNames: readonly string[]): Value[] {
    const { operator, domain = "", inputs, outputTypes, attributes = {} } = specification;
    const name = names.unique(operator);
    for (const input of inputs) {
      if (input && (input.model !== self || !isVisible(input, current))) {
        throw new Error(
          `${name}: its input ${input.name} belongs to a graph not visible from here`,
        );
      }
    }
    const inputNames = inputs.map((input) => input?.name ?? "");
    while (inputNames.at(-1) === "") inputNames.pop();
    current.nodes.push({
      operator,
      domain,
      name,
      inputs: inputNames,
      outputs: outputNames,
      attributes,
    });
    return outputTypes.map((type, index) => valueIn(current, outputNames[index] ?? "", type));
  }

  function identity(value: Value, outputName: string): Value {
    emit({ operator: "Identity", inputs: [value], outputTypes: [value.type] }, [outputName]);
    return valueIn(current, outputName, value.type);
  }

  const self: Model = {
    input(name, type, shape) {
      names.claim(name);
      main.inputs.push({ name, type, shape });
      return valueIn(main, name, type);
    },

    output(name, value, shape) {
      names.claim(name);
      main.outputs.push({ name, type: identity(value, name).type, shape });
    },

    constant(type, values, shape) {
      const list = typeof values === "number" ? [values] : values;
      const dimensions = shape ?? (typeof values === "number" ? [] : [list.length]);
      const name = `constant/${type}[${dimensions}](${list})`;
      return self.initializer(name, type, dimensions, () => toTensorData(type, list));
    },

    initializer(name, type, shape, produce) {
      if (!initializers.has(name)) {
        names.claim(name);
        initializers.add(name, type, shape, produce);
      }
      return valueIn(main, name, type);
    },

    describe(value, shape) {
      const { inputs, values } = value.graph;
      const declared = inputs.find(({ name }) => name === value.name);
      if (declared) declared.shape = shape;
      else values.push({ name: value.name, type: value.type, shape });
      return value;
    },

    scope: names.within,

    node(specification) {
      const outputNames = specification.outputTypes.map(() =>
        names.unique(`${specification.operator}.out`),
      );
      const values = emit(specification, outputNames);
      if (onValue) values.forEach(onValue);
      return values;
    },

    subgraph(scope, build) {
      const body = createGraph(current);
      const outer = current;
      current = body;
      try {
        const declareInput: DeclareInput = (name, type, shape) => {
          const unique = names.unique(name);
          body.inputs.push({ name: unique, type, shape: shape ?? null });
          return valueIn(body, unique, type);
        };
        const outputs = names.within(scope, () => build(declareInput));
        const taken = new Set(body.inputs.map((input) => input.name));
        for (const output of outputs) {
          // A body's output must be computed in the body, and by one name only.
          const own = output.graph === body && !taken.has(output.name);
          const { name, type } = own
            ? output
            : identity(output, names.unique(`${output.name}.copy`));
          taken.add(name);
          body.outputs.push({ name, type, shape: null });
        }
      } finally {
        current = outer;
      }
      return { name: names.unique(scope), initializers: [], ...body };
    },

    write(path) {
      const graph = { name: "main", initializers: initializers.records(), ...main };
      const message = encodeModel({ irVersion, producer: "qwen3-tts-edge", graph, operatorSets });
      writeFileSync(path, Buffer.concat(message.parts));
    },
  };
  return self;
}
