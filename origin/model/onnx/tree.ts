import type { Value } from "./graph.ts";

/** Values in any arrangement of lists and records, so that loop state can be named instead of numbered. */
export type Tree = Value | readonly Tree[] | { readonly [name: string]: Tree };

function isValue(tree: Tree): tree is Value {
  return "model" in tree && "graph" in tree;
}

/** The values of a tree with their paths, in the order in which they stand. */
export function leaves(tree: Tree, path = ""): { path: string; value: Value }[] {
  if (isValue(tree)) return [{ path, value: tree }];
  return Object.entries(tree).flatMap(([name, branch]) =>
    leaves(branch, path ? `${path}.${name}` : name),
  );
}

/** A tree of the same arrangement that holds `values` instead, in the order of `leaves`. */
export function rebuild<Shape extends Tree>(shape: Shape, values: readonly Value[]): Shape {
  let next = 0;
  function fill(tree: Tree): Tree {
    if (isValue(tree)) {
      const value = values[next++];
      if (!value) throw new Error(`${values.length} values are too few for the tree`);
      return value;
    }
    if (Array.isArray(tree)) return tree.map(fill);
    return Object.fromEntries(Object.entries(tree).map(([name, branch]) => [name, fill(branch)]));
  }
  return fill(shape) as Shape;
}
