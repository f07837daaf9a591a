import type { Value } from "../graph.ts";
import { leaves, rebuild, type Tree } from "../tree.ts";

export interface LoopOptions<Carried> {
  /** Most iterations, an int64 scalar. */
  limit: Value;
  /** State of the first iteration. */
  carried: Carried;
}

export interface LoopStep<Carried, Collected> {
  /** State of the next iteration. */
  carried: Carried;
  /** Stacked over the iterations along a new first axis. */
  collected: Collected;
  /** A bool scalar: whether there is a next iteration. Without it the limit alone ends the loop. */
  goOn?: Value;
}

/**
 * Repeats `step`, which may also use any value of the graphs around it. The sizes of carried tensors may change
 * between iterations. Returns the last state and what was collected.
 */
export function loop<Carried extends Tree<Carried>, Collected extends Tree<Collected>>(
  options: LoopOptions<Carried>,
  step: (carried: Carried, iteration: Value) => LoopStep<Carried, Collected>,
): { carried: Carried; collected: Collected } {
  const { limit, carried } = options;
  const { model } = limit;
  const initial = leaves(carried);
  let collected: Collected | undefined;

  const body = model.subgraph("loop", (input) => {
    const iteration = input("iteration", "int64", []);
    const goOn = input("goOn", "bool", []);
    const state = initial.map(({ path, value }) => input(path, value.type));
    const result = step(rebuild(carried, state), iteration);

    const next = leaves(result.carried);
    next.forEach(({ path, value }, index) => {
      const before = initial[index];
      if (before?.path !== path || before.value.type !== value.type) {
        throw new Error(`loop: carried ${path} (${value.type}) does not match the initial state`);
      }
    });
    if (next.length !== initial.length) throw new Error("loop: the state lost some of its values");
    collected = result.collected;
    const collectedValues = leaves(result.collected);
    return [
      result.goOn ?? goOn,
      ...next.map(({ value }) => value),
      ...collectedValues.map(({ value }) => value),
    ];
  });
  if (!collected) throw new Error("loop: the body was not built");

  const results = model.node({
    operator: "Loop",
    inputs: [limit, model.constant("bool", 1), ...initial.map(({ value }) => value)],
    outputTypes: body.outputs.slice(1).map(({ type }) => type),
    attributes: { body: { graph: body } },
  });
  return {
    carried: rebuild(carried, results.slice(0, initial.length)),
    collected: rebuild(collected, results.slice(initial.length)),
  };
}
