import type { Shapes } from "./shapes.ts";

/** Names beyond this many of one kind are counted, not listed: a file of another model differs in all of them. */
const maxListed = 20;

/** Throws one error that names every tensor that is missing, unknown or of another shape than expected. */
export function compareTensors(
  path: string,
  tensors: ReadonlyMap<string, { shape: readonly number[] }>,
  expected: Shapes,
): void {
  const missing = Object.keys(expected).filter((name) => !tensors.has(name));
  const unknown = [...tensors.keys()].filter((name) => !Object.hasOwn(expected, name));
  const misshapen = Object.entries(expected).flatMap(([name, shape]) => {
    const actual = tensors.get(name)?.shape;
    if (!actual || actual.join() === shape.join()) return [];
    return [`${name} is [${actual}], the configuration asks for [${shape}]`];
  });

  const complaints = [
    ...complaint("missing", missing),
    ...complaint("unknown", unknown),
    ...complaint("misshapen", misshapen),
  ];
  if (complaints.length > 0) {
    throw new Error(`${path} does not fit its configuration:\n${complaints.join("\n")}`);
  }
}

function complaint(kind: string, entries: readonly string[]): string[] {
  if (entries.length === 0) return [];
  const rest = entries.length - maxListed;
  const listed = entries.slice(0, maxListed).map((entry) => `  ${entry}`);
  return [`${kind}: ${entries.length}`, ...listed, ...(rest > 0 ? [`  and ${rest} more`] : [])];
}
