import type { Measured } from "./load.ts";

/**
 * A table with one line for each case: medians over the rounds, and ratios to the first two cases of the same round.
 * Latencies are over all answers.
 */
export function report(results: ReadonlyMap<string, readonly Measured[]>): string {
  const [bare = [], bareKv = []] = results.values();
  const ratioTo = (base: readonly Measured[], rounds: readonly Measured[]) =>
    median(
      rounds.map(
        (round, i) => round.requestsPerSecond / (base[i]?.requestsPerSecond ?? Number.NaN),
      ),
    );
  const lines = Array.from(results, ([name, rounds]) => {
    const latencies = rounds.flatMap(({ latenciesMs }) => latenciesMs).sort((a, b) => a - b);
    return [
      name,
      median(rounds.map(({ requestsPerSecond }) => requestsPerSecond)).toFixed(0),
      ratioTo(bare, rounds).toFixed(2),
      ratioTo(bareKv, rounds).toFixed(2),
      at(latencies, 0.5).toFixed(2),
      at(latencies, 0.99).toFixed(2),
    ];
  });
  const head = ["", "requests/s", "of bare", "of bare KV", "p50 ms", "p99 ms"];
  return [head, ...lines]
    .map(([name = "", ...cells]) => name.padEnd(22) + cells.map((c) => c.padStart(12)).join(""))
    .join("\n")
    .concat("\n");
}

function median(values: readonly number[]): number {
  return at(
    values.toSorted((a, b) => a - b),
    0.5,
  );
}

/** The value below which that share of the sorted values lies. */
function at(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
