/**
 * Which streams share a call. A call takes every row for as long as its longest, in memory as in time, so streams of
 * very different lengths go into calls of their own.
 */

/** Positions of padding that cost a step about as much as another call. */
const callPositions = 2048;
/** A call has at most so many positions for each that is of use. */
export const maxPadding = 2;
/** Of one call. */
export const maxRows = 64;
/** Rows have room for a multiple of so many positions, so that they seldom have to move. */
export const roomStep = 64;

/** Room for so many positions and what is gained in a call. */
export function roomFor(positions: number): number {
  return Math.ceil(positions / roomStep) * roomStep;
}

/**
 * Divides rows that need room for so many positions into the calls that take least altogether. Gives the indices of each
 * call's rows, in the order of `positions`.
 */
export function groupRows(positions: readonly number[]): number[][] {
  const longestFirst = positions
    .map((count, index) => ({ room: roomFor(count), index }))
    .sort((a, b) => b.room - a.room);
  /** The cheapest way to call the rows from each on: what it costs, and where its first call ends. */
  const plans: { cost: number; end: number }[] = [];
  plans[longestFirst.length] = { cost: 0, end: longestFirst.length };
  for (let first = longestFirst.length - 1; first >= 0; first--) {
    const longest = longestFirst[first]?.room ?? 0;
    let best = { cost: Number.POSITIVE_INFINITY, end: first + 1 };
    let useful = 0;
    for (let end = first + 1; end <= Math.min(longestFirst.length, first + maxRows); end++) {
      useful += longestFirst[end - 1]?.room ?? 0;
      const padded = (end - first) * longest;
      if (padded > maxPadding * useful) break;
      const cost = callPositions + padded + (plans[end]?.cost ?? 0);
      if (cost < best.cost) best = { cost, end };
    }
    plans[first] = best;
  }
  const groups: number[][] = [];
  for (let first = 0; first < longestFirst.length; ) {
    const end = plans[first]?.end ?? longestFirst.length;
    const indices = longestFirst.slice(first, end).map(({ index }) => index);
    groups.push(indices.sort((a, b) => a - b));
    first = end;
  }
  return groups;
}
