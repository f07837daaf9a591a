import { homedir } from "node:os";
import { describeMachine } from "../process/machine.ts";
import { bad, type Check, type Finding, lineOf } from "./doctor/finding.ts";
import { readOptions } from "./read-options.ts";

const help = `Usage: npm run doctor [-- --json]

Looks at what speech needs on this machine: Node and packages, disk, memory and processor, what models are computed on and
the packs there are, the ports, and the way from the edge to its origins. One line each, with what to do behind an arrow:
"ok", "note" for what could be better, "BAD" where nothing would be spoken. Leaves with 1 when something is bad.

  --json  the same for a report, with the machine. It has no text, no key, no token and no path of your home.

It reads the settings of the origin and of npm start from the environment, and .dev.vars.
`;

/** Loaded when it is their turn, so that what is wrong with one does not keep the others from being told. */
const checks: Record<string, () => Promise<Check>> = {
  programs: async () => (await import("./doctor/programs.ts")).checkPrograms,
  settings: async () => (await import("./doctor/settings.ts")).checkSettings,
  machine: async () => (await import("./doctor/machine.ts")).checkMachine,
  models: async () => (await import("./doctor/models.ts")).checkModels,
  network: async () => (await import("./doctor/network.ts")).checkNetwork,
};

async function run(name: string, load: () => Promise<Check>): Promise<Finding[]> {
  try {
    return await (await load())();
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    return [bad(name, message, "as it says")];
  }
}

async function main(): Promise<void> {
  const { values } = readOptions({
    args: process.argv.slice(2),
    options: { json: { type: "boolean", default: false }, help: { type: "boolean" } },
  });
  if (values.help) return void process.stdout.write(help);
  const findings: Finding[] = [];
  for (const [name, load] of Object.entries(checks)) {
    const found = await run(name, load);
    findings.push(...found);
    if (!values.json) for (const finding of found) process.stdout.write(`${lineOf(finding)}\n`);
    // The rest goes by them.
    if (name === "settings" && found.some(({ state }) => state === "bad")) break;
  }
  if (values.json) {
    const report = JSON.stringify({ machine: describeMachine(), findings }, null, 2);
    process.stdout.write(`${report.replaceAll(homedir(), "~")}\n`);
  }
  if (findings.some(({ state }) => state === "bad")) process.exitCode = 1;
}

await main().catch((cause: unknown) => {
  process.stderr.write(`${cause instanceof Error ? cause.message : cause}\n`);
  process.exitCode = 1;
});
