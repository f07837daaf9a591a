import { spawn } from "node:child_process";
import { once } from "node:events";
import { inDigits } from "./suite.ts";

/** The cells of a line by their name: what it says first, in the unit it says. */
export type Measured = ReadonlyMap<string, number>;

const units: Record<string, number> = { s: 1000, ms: 1 };

/** Reads the numbers of a table that `shapes` has printed; times in milliseconds, sizes and factors as they are. */
export function readTable(text: string): Measured {
  const cells = text.matchAll(/^\| ([^|]+) \| ([\d.]+)(?: (\w+))?[^|]*\|/gm);
  return new Map(
    Array.from(cells, ([, name = "", number, unit = ""]) => [
      name.trim(),
      Number(number) * (units[unit] ?? 1),
    ]),
  );
}

/** How a quantity of one checkout stands to that of another, over pairs of runs. */
export interface Comparison {
  name: string;
  ratios: number[];
}

/** What both have measured in every round; each ratio is of two runs that follow each other. */
export function compare(rounds: readonly { own: Measured; other: Measured }[]): Comparison[] {
  const [first] = rounds;
  if (!first) return [];
  return [...first.own.keys()].flatMap((name) => {
    const ratios = rounds.map(
      ({ own, other }) => (own.get(name) ?? NaN) / (other.get(name) ?? NaN),
    );
    return ratios.every(Number.isFinite) ? [{ name, ratios }] : [];
  });
}

/** A Markdown table of the medians, with the least and the most beside them. */
export function comparisonTable(comparisons: readonly Comparison[], other: string): string {
  const lines = comparisons.map(({ name, ratios }) => {
    const sorted = ratios.toSorted((a, b) => a - b);
    const [least, most] = [sorted[0], sorted.at(-1)];
    const cells = [name, median(sorted), `${inDigits(least)} to ${inDigits(most)}`];
    return `| ${cells.join(" | ")} |\n`;
  });
  return `| this beside ${other} | ratio | spread |\n| --- | ---: | ---: |\n${lines.join("")}`;
}

function median(sorted: readonly number[]): string {
  const middle = sorted.length / 2;
  const [below = NaN, above = NaN] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return inDigits((below + above) / 2);
}

export interface AgainstOptions {
  /** Two checkouts, with what they need installed. */
  own: string;
  other: string;
  /** Of `shapes`: model, precision and checkpoint. */
  shapes: readonly string[];
  rounds: number;
}

/** Runs `bench -- shapes` of two checkouts on one checkpoint, in turns, and prints how they compare. */
export async function measureAgainst({
  own,
  other,
  shapes,
  rounds,
}: AgainstOptions): Promise<void> {
  const done: { own: Measured; other: Measured }[] = [];
  for (let round = 0; round < rounds; round++) {
    // Who goes first finds another machine than who goes second.
    const order = round % 2 === 0 ? [own, other] : [other, own];
    const tables = new Map<string, Measured>();
    for (const folder of order) {
      process.stderr.write(`round ${round + 1} of ${rounds}: ${folder}\n`);
      tables.set(folder, readTable(await run(folder, shapes)));
    }
    const [mine, others] = [tables.get(own), tables.get(other)];
    if (mine && others) done.push({ own: mine, other: others });
  }
  process.stdout.write(comparisonTable(compare(done), other));
}

/** Returns what it prints. Throws when it fails. */
async function run(folder: string, shapes: readonly string[]): Promise<string> {
  const child = spawn("npm", ["run", "--silent", "bench", "--", "shapes", ...shapes], {
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (part: string) => {
    text += part;
  });
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`shapes failed in ${folder}`);
  return text;
}
