import type { Measured } from "./load.ts";

/**
 * A table with one line for each case: medians over the rounds, and their ratios to those of the first two cases.
 * Latencies are over all answers.
 */
export function report(results: ReadonlyMap<string, readonly Measured[]>): string {
  const medians = Array.from(results.values(), (rounds) =>
    at(
      rounds.map((round) => round.requestsPerSecond),
      0.5,
    ),
  );
  const [bare = Number.NaN, bareKv = Number.NaN] = medians;
  const lines = Array.from(results, ([name, rounds], i) => {
    const requestsPerSecond = medians[i] ?? Number.NaN;
    const latenciesMs = rounds.flatMap((round) => round.latenciesMs);
    return [
      name,
      requestsPerSecond.toFixed(0),
      (requestsPerSecond / bare).toFixed(3),
      (requestsPerSecond / bareKv).toFixed(2),
      at(latenciesMs, 0.5).toFixed(2),
      at(latenciesMs, 0.99).toFixed(2),
    ];
  });
  const head = ["", "requests/s", "of bare", "of bare KV", "p50 ms", "p99 ms"];
  return [head, ...lines]
    .map(([name = "", ...cells]) => name.padEnd(22) + cells.map((c) => c.padStart(12)).join(""))
    .join("\n")
    .concat("\n");
}

/** The value below which that share of the values lies. */
function at(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
