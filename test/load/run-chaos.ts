import { readOptions } from "../../origin/cli/read-options.ts";
import { type ChaosOptions, type ChaosReport, findFaultsOf, notComeBy, runChaos } from "./chaos.ts";
import type { Outcome } from "./listener.ts";

const help = `Usage: npm run chaos [-- --seconds N] [--seed N] [--only TEXT] [--listeners N]

Has listeners ask three origins by way of edges, and jobs be spoken, while engines and origins are killed, stopped, starved of memory and
restarted, clocks are set, the disk of jobs and cloned voices is full, packs vanish and come back or are damaged so that no sample is a
number, and a proxy between them cuts answers off, delays them or ends politely what broke off. Judges each answer and each job: it is
complete and right, a reset, or an error; and after each fault, how long it takes until all works again without a hand.

  --seconds N    how long faults are made: 300 unless said otherwise, enough for each to come at least once
  --seed N       says which fault is the first, and all that is left to chance; each comes once before any comes again
  --only TEXT    of faults with that in their names alone
  --listeners N  who listen at once: 6 unless said otherwise. How long it takes to work again is for a machine that has time left

A small disk is mounted where this user may; elsewhere the faults that need one are left out, and the report says so.
`;

const { values } = readOptions({
  options: {
    seconds: { type: "string", default: "300" },
    seed: { type: "string", default: String(Date.now() % 100_000) },
    only: { type: "string", default: "" },
    listeners: { type: "string", default: "6" },
    help: { type: "boolean", default: false },
  },
});
if (values.help) process.stdout.write(help);
else {
  await run({
    seconds: Number(values.seconds),
    seed: Number(values.seed),
    only: values.only,
    listeners: Number(values.listeners),
  });
}

async function run(options: ChaosOptions): Promise<void> {
  const { seconds, seed, only } = options;
  process.stdout.write(`${seconds} s with the seed ${seed}\n`);
  const report = await runChaos({
    ...options,
    onFault({ fault, ms, refusals }) {
      const why = refusals.length > 0 ? ` (${refusals.join(", ")})` : "";
      process.stdout.write(`${fault}: all works again after ${Math.round(ms)} ms${why}\n`);
    },
  });
  for (const line of describe(report)) process.stdout.write(`${line}\n`);
  if (only === "") {
    for (const name of notComeBy(report)) process.stdout.write(`not come by in time: ${name}\n`);
  }
  const problems = findFaultsOf(report);
  for (const problem of problems) process.stdout.write(`failed: ${problem}\n`);
  const of = (name: Outcome) => report.requests[name] + report.jobs[name];
  const passed = of("complete") + of("left") + of("error") + of("reset");
  const failed = of("hung") + of("truncated") + of("wrong");
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  if (problems.length > 0) process.exitCode = 1;
}

function describe({ requests, jobs, faults, leftOut, recoveries }: ChaosReport): string[] {
  const slowest = recoveries.toSorted((a, b) => b.ms - a.ms)[0];
  return [
    `requests: ${counted(requests)}`,
    `jobs: ${counted(jobs)}`,
    `faults: ${counted(faults)}`,
    ...Object.entries(leftOut).map(([name, reason]) => `left out: ${name}: ${reason}`),
    ...(slowest
      ? [`the longest until all worked again: ${Math.round(slowest.ms)} ms, ${slowest.fault}`]
      : []),
  ];
}

function counted(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(", ");
}
