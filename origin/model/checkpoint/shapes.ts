/** Shapes of tensors by name. */
export type Shapes = Readonly<Record<string, readonly number[]>>;

/** The same shapes with `prefix` and a dot before their names. */
export function under(prefix: string, shapes: Shapes): Shapes {
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [`${prefix}.${name}`, shape]),
  );
}

/** Shapes of the numbered members of a list: `prefix.0.…` to `prefix.(count - 1).…`. */
export function each(prefix: string, count: number, member: (index: number) => Shapes): Shapes {
  const members = Array.from({ length: count }, (_, index) =>
    under(`${prefix}.${index}`, member(index)),
  );
  return Object.assign({}, ...members);
}

/** A layer with a bias of one element per output. `weight` begins with the outputs. */
export function biased(name: string, weight: readonly [number, ...number[]]): Shapes {
  return under(name, { weight, bias: [weight[0]] });
}
