/**
 * Names of nodes and values, unique in a whole model because a subgraph may not reuse a name that is visible from it.
 * Nested scopes give them a path: `talker/layer.3/attention/MatMul`, then `talker/layer.3/attention/MatMul_2`.
 */
export interface Names {
  /** A free name for something called `base` in the current scope. */
  unique(base: string): string;
  /** Takes exactly this name; throws when it is taken. */
  claim(name: string): void;
  within<Result>(scope: string, build: () => Result): Result;
}

export function createNames(): Names {
  const uses = new Map<string, number>();
  let path = "";

  return {
    unique(base) {
      const name = path + base;
      const count = (uses.get(name) ?? 0) + 1;
      uses.set(name, count);
      return count === 1 ? name : `${name}_${count}`;
    },
    claim(name) {
      if (uses.has(name)) throw new Error(`the name ${name} is used twice in the model`);
      uses.set(name, 1);
    },
    within(scope, build) {
      const outer = path;
      path = `${outer}${scope}/`;
      try {
        return build();
      } finally {
        path = outer;
      }
    },
  };
}
