import type { Value } from "./graph.ts";

/**
 * Values in any arrangement of lists and records, so that loop state can be named instead of numbered. A constraint on
 * itself (`T extends Tree<T>`) because that, unlike an index signature, admits interfaces.
 */
export type Tree<T> = { readonly [Name in keyof T]: T[Name] extends Value ? Value : Tree<T[Name]> };

type Branch = Value | readonly Branch[] | { readonly [name: string]: Branch };

function isValue(branch: Branch): branch is Value {
  return "model" in branch && "graph" in branch;
}

/** The values of a tree with their paths, in the order in which they stand. */
export function leaves<T extends Tree<T>>(tree: T): { path: string; value: Value }[] {
  return leavesBelow(tree as Branch, "");
}

function leavesBelow(branch: Branch, path: string): { path: string; value: Value }[] {
  if (isValue(branch)) return [{ path, value: branch }];
  return Object.entries(branch).flatMap(([name, next]) =>
    leavesBelow(next, path ? `${path}.${name}` : name),
  );
}

/** A tree of the same arrangement that holds `values` instead, in the order of `leaves`. */
export function rebuild<T extends Tree<T>>(arrangement: T, values: readonly Value[]): T {
  let next = 0;
  function fill(branch: Branch): Branch {
    if (isValue(branch)) {
      const value = values[next++];
      if (!value) throw new Error(`${values.length} values are too few for the tree`);
      return value;
    }
    if (Array.isArray(branch)) return branch.map(fill);
    return Object.fromEntries(Object.entries(branch).map(([name, inner]) => [name, fill(inner)]));
  }
  return fill(arrangement as Branch) as T;
}
