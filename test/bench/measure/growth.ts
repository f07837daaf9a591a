/** Bytes in use at one moment. */
export type Held = Readonly<Record<string, number>>;

/** Caches and heaps find their size in the beginning. */
const settlingShare = 0.3;
/** Of what is held, and in bytes: what a garbage collector leaves lying now and then. */
const toleratedShare = 0.08;
const toleratedBytes = 8e6;

/** Says which of the measures has grown from the time when it had settled to the end, or returns null. */
export function findGrowth(samples: readonly Held[]): string | null {
  const settled = samples.slice(Math.floor(samples.length * settlingShare));
  const half = Math.floor(settled.length / 2);
  if (half === 0) throw new Error(`${samples.length} samples are too few to compare`);
  for (const name of Object.keys(settled[0] ?? {})) {
    const of = (part: readonly Held[]) => median(part.map((held) => held[name] ?? 0));
    const before = of(settled.slice(0, half));
    const after = of(settled.slice(half));
    if (after > before * (1 + toleratedShare) + toleratedBytes) {
      return `${name} grows: from ${Math.round(before / 1e6)} MB to ${Math.round(after / 1e6)} MB`;
    }
  }
  return null;
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}
