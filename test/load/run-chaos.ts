import { readOptions } from "../../origin/cli/read-options.ts";
import { type ChaosReport, findFaultsOf, runChaos } from "./chaos.ts";

const help = `Usage: npm run chaos [-- --seconds N] [--seed N]

Has listeners ask two origins by way of an edge while engines and origins are killed, stopped, starved of memory and restarted, clocks are
set, and a proxy between them cuts answers off, delays them or ends politely what broke off. Judges each answer: it is complete
and right, a reset, or an error. 60 seconds unless said otherwise; the seed also says which fault is the first.
`;

const { values } = readOptions({
  options: {
    seconds: { type: "string", default: "60" },
    seed: { type: "string", default: String(Date.now() % 100_000) },
    help: { type: "boolean", default: false },
  },
});
if (values.help) process.stdout.write(help);
else await run(Number(values.seconds), Number(values.seed));

async function run(seconds: number, seed: number): Promise<void> {
  process.stdout.write(`${seconds} s with the seed ${seed}\n`);
  const report = await runChaos({
    seconds,
    seed,
    onFault: (name, ms) =>
      void process.stdout.write(`${name}: speaks again after ${Math.round(ms)} ms\n`),
  });
  for (const line of describe(report)) process.stdout.write(`${line}\n`);
  const problems = findFaultsOf(report);
  for (const problem of problems) process.stdout.write(`failed: ${problem}\n`);
  const { complete, left, error, reset } = report.requests;
  const failed = report.requests.hung + report.requests.truncated + report.requests.wrong;
  process.stdout.write(`${complete + left + error + reset} passed, ${failed} failed\n`);
  if (problems.length > 0) process.exitCode = 1;
}

function describe({ requests, faults, recoveredMs }: ChaosReport): string[] {
  const worst = Math.round(Math.max(0, ...recoveredMs));
  return [
    `requests: ${Object.entries(requests)
      .map(([name, count]) => `${name} ${count}`)
      .join(", ")}`,
    `faults: ${Object.entries(faults)
      .map(([name, count]) => `${name} ${count}`)
      .join(", ")}`,
    `the longest until new speech was heard: ${worst} ms`,
  ];
}
