import { readOptions } from "../../origin/cli/read-options.ts";
import { slopeOf } from "./memory.ts";
import { findFaultsOfSoak, runSoak, type SoakReport } from "./soak.ts";

const help = `Usage: npm run soak [-- --seconds N] [--seed N] [--listeners N]

Has listeners ask two origins by way of an edge for everything there is: all formats, batches, sockets, jobs, repeats, and some who leave. Compares each
answer with the right one, and says how the memory of each process went. 1800 seconds and 6 listeners unless said otherwise.
`;

const { values } = readOptions({
  options: {
    seconds: { type: "string", default: "1800" },
    seed: { type: "string", default: String(Date.now() % 100_000) },
    listeners: { type: "string", default: "6" },
    help: { type: "boolean", default: false },
  },
});
if (values.help) process.stdout.write(help);
else await run();

async function run(): Promise<void> {
  const [seconds, seed, listeners] = [values.seconds, values.seed, values.listeners].map(
    Number,
  ) as [number, number, number];
  process.stdout.write(`${seconds} s with the seed ${seed}\n`);
  const onMinute = (report: SoakReport) => void process.stdout.write(`${describe(report)}\n`);
  const report = await runSoak({ seconds, seed, listeners, onMinute });
  process.stdout.write(`${describe(report)}\n`);
  const problems = findFaultsOfSoak(report);
  for (const problem of problems) process.stdout.write(`failed: ${problem}\n`);
  const { complete, left, error, hung, truncated, wrong, reset } = report.requests;
  const failed = hung + truncated + wrong + reset;
  process.stdout.write(`${complete + left + error} passed, ${failed} failed\n`);
  if (problems.length > 0) process.exitCode = 1;
}

function describe({ requests, batches, sockets, jobs, traces }: SoakReport): string {
  const counts = Object.entries(requests).map(([name, count]) => `${name} ${count}`);
  const memory = traces.map((trace) => {
    const now = Math.round(trace.megabytes.at(-1) ?? 0);
    return `${trace.name} ${now} MB, ${slopeOf(trace).toFixed(1)} a minute`;
  });
  return [
    `${counts.join(", ")}; ${batches} batches, ${sockets} sockets, ${jobs} jobs`,
    memory.join("; "),
  ].join("\n");
}
