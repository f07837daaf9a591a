import type { Row } from "../measure/suite.ts";
import type { Measured } from "./load.ts";

/** One round of one case, and what workerd used of the processors for each request; undefined where that is not told. */
export interface Round extends Measured {
  processorMs: number | undefined;
}

/** A case that must not cost more processor time than another, but for a factor. */
export interface Gate {
  name: string;
  beside: string;
  most: number;
}

/** A table with one line for each case: medians over the rounds. Latencies are over all answers. */
export function report(results: ReadonlyMap<string, readonly Round[]>): string {
  const lines = Array.from(results, ([name, rounds]) => {
    const latenciesMs = rounds.flatMap((round) => round.latenciesMs);
    return [
      name,
      median(rounds.map((round) => round.requestsPerSecond)).toFixed(0),
      at(latenciesMs, 0.5).toFixed(2),
      at(latenciesMs, 0.99).toFixed(2),
      processorMs(rounds)?.toFixed(2) ?? "",
    ];
  });
  const head = ["", "requests/s", "p50 ms", "p99 ms", "CPU ms"];
  return [head, ...lines]
    .map(([name = "", ...cells]) => name.padEnd(24) + cells.map((c) => c.padStart(12)).join(""))
    .join("\n")
    .concat("\n");
}

/** The cases as rows of a suite: first audio is the median of the answers' times, ratios are to that of one of the cases. */
export function rowsOf(results: ReadonlyMap<string, readonly Round[]>, beside: string): Row[] {
  const medianMs = (rounds: readonly Round[] = []) =>
    median(rounds.flatMap(({ latenciesMs }) => latenciesMs));
  return Array.from(results, ([name, rounds]) => {
    const cpu = processorMs(rounds);
    return {
      name,
      precision: null,
      rtf: null,
      ratio: medianMs(rounds) / medianMs(results.get(beside)),
      firstAudioMs: medianMs(rounds),
      msPerFrame: cpu === undefined ? {} : { CPU: cpu },
    };
  });
}

/** A line for each gate, and whether all hold. */
export function judge(results: ReadonlyMap<string, readonly Round[]>, gates: readonly Gate[]) {
  const verdicts = gates.map(({ name, beside, most }) => {
    const [own, other] = [results.get(name), results.get(beside)].map((of) =>
      processorMs(of ?? []),
    );
    const ratio = own !== undefined && other ? own / other : Number.NaN;
    const holds = !(ratio > most);
    const line = `${name}: ${ratio.toFixed(2)} times the CPU of ${beside} (at most ${most}) ${holds ? "" : "MISSED"}`;
    return { line: line.trimEnd(), holds };
  });
  return {
    text: verdicts.map(({ line }) => `${line}\n`).join(""),
    holds: verdicts.every(({ holds }) => holds),
  };
}

/** For each request, over all rounds: the kernel's own count is coarse. */
function processorMs(rounds: readonly Round[]): number | undefined {
  if (rounds.some((round) => round.processorMs === undefined)) return undefined;
  const answers = rounds.reduce((sum, round) => sum + round.latenciesMs.length, 0);
  return rounds.reduce((sum, round) => sum + (round.processorMs ?? 0), 0) / answers;
}

function median(values: readonly number[]): number {
  return at(values, 0.5);
}

/** The value below which that share of the values lies. */
function at(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
