import type { ElementType } from "./element-type.ts";
import type { Model } from "./model.ts";
import type { NodeRecord, ValueRecord } from "./proto.ts";

/** A graph being built. Values of its parents are visible in it, as ONNX defines for control flow bodies. */
export interface Graph {
  readonly parent: Graph | null;
  readonly nodes: NodeRecord[];
  readonly inputs: ValueRecord[];
  readonly outputs: ValueRecord[];
}

/** A handle on a tensor that will exist when the model runs: an input, an initialiser or what a node computes. */
export interface Value {
  readonly name: string;
  readonly type: ElementType;
  readonly graph: Graph;
  readonly model: Model;
}

export function createGraph(parent: Graph | null): Graph {
  return { parent, nodes: [], inputs: [], outputs: [] };
}

export function isVisible(value: Value, from: Graph): boolean {
  for (let graph: Graph | null = from; graph; graph = graph.parent) {
    if (graph === value.graph) return true;
  }
  return false;
}
