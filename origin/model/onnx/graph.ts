import type { ElementType, TensorData } from "./element-type.ts";
import type { Attribute, Dimension, GraphRecord, NodeRecord, ValueRecord } from "./proto.ts";

/** A graph being built. Values of its parents are visible in it, as ONNX defines for control flow bodies. */
export interface Graph {
  readonly parent: Graph | null;
  readonly nodes: NodeRecord[];
  readonly inputs: ValueRecord[];
  readonly outputs: ValueRecord[];
  /** Of what nodes compute. */
  readonly values: ValueRecord[];
}

/** A handle on a tensor that will exist when the model runs: an input, an initialiser or what a node computes. */
export interface Value {
  readonly name: string;
  readonly type: ElementType;
  readonly graph: Graph;
  readonly model: Model;
}

export interface NodeSpecification {
  operator: string;
  domain?: string | undefined;
  /** Null is an optional input left out. */
  inputs: readonly (Value | null)[];
  outputTypes: readonly ElementType[];
  attributes?: Readonly<Record<string, Attribute>> | undefined;
}

/** What a control flow body is given to declare its inputs with. */
export type DeclareInput = (name: string, type: ElementType, shape?: readonly Dimension[]) => Value;

/** An ONNX model being built. Nodes go to the graph under construction: the main one, or the body around the call. */
export interface Model {
  input(name: string, type: ElementType, shape: readonly Dimension[]): Value;
  /** A shape of null is left to the runtime to infer. */
  output(name: string, value: Value, shape: readonly Dimension[] | null): void;
  /** Equal constants are one initialiser. Without a shape, a number is a scalar and a list is a vector. */
  constant(type: ElementType, values: number | readonly number[], shape?: readonly number[]): Value;
  /**
   * A named tensor. The same name asked for again is the same tensor and `produce` does not run again. Big ones are
   * written to the data file at once.
   */
  initializer(
    name: string,
    type: ElementType,
    shape: readonly number[],
    produce: () => TensorData,
  ): Value;
  /**
   * Tells a shape that cannot be inferred, of what a node computes or a body is given. The runtime plans memory by shapes,
   * and looks through all that is free, each time, for a shape that has unknown sizes. Sizes of one name must be equal.
   */
  describe(value: Value, shape: readonly Dimension[]): Value;
  /** Names of nodes made by `build` begin with this scope. */
  scope<Result>(name: string, build: () => Result): Result;
  node(specification: NodeSpecification): Value[];
  /** Nodes made by `build` form a body, named in this scope; what it returns are its outputs, in this order. */
  subgraph(scope: string, build: (input: DeclareInput) => readonly Value[]): GraphRecord;
  /** Writes the .onnx file, which belongs beside the data file. */
  write(path: string): void;
}

export function createGraph(parent: Graph | null): Graph {
  return { parent, nodes: [], inputs: [], outputs: [], values: [] };
}

export function isVisible(value: Value, from: Graph): boolean {
  for (let graph: Graph | null = from; graph; graph = graph.parent) {
    if (graph === value.graph) return true;
  }
  return false;
}
