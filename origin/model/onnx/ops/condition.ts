import type { Value } from "../graph.ts";

/**
 * One of two values of the same type, of which only the one wanted is computed: what `build` makes inside its branch.
 * `condition` is a bool scalar. It is read on the host, so one that a GPU computes holds that up.
 */
export function either(condition: Value, whenTrue: () => Value, whenFalse: () => Value): Value {
  const { model } = condition;
  const branches = [whenTrue, whenFalse].map((build, index) =>
    model.subgraph(index === 0 ? "then" : "else", () => [build()]),
  );
  const [thenBranch, elseBranch] = branches;
  const types = branches.map(({ outputs }) => outputs[0]?.type);
  const [type] = types;
  if (!thenBranch || !elseBranch || !type || types[1] !== type) {
    throw new Error(`either: the branches are of ${types.join(" and ")}`);
  }
  const [result] = model.node({
    operator: "If",
    inputs: [condition],
    outputTypes: [type],
    attributes: { then_branch: { graph: thenBranch }, else_branch: { graph: elseBranch } },
  });
  if (!result) throw new Error("If has a result");
  return result;
}
