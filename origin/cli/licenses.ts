import { readFileSync } from "node:fs";
import { accepted, type Dependency, findFault, readLock } from "./licenses/judge.ts";
import { readOptions } from "./read-options.ts";

const help = `Usage: npm run licenses [-- --all]

Lists the licences of what package-lock.json has, how many packages are under each, and those with install scripts. Fails when
one is copyleft, or has an install script, that was not looked at before (origin/cli/licenses/judge.ts).

  --all    each package by itself
  --help   this text
`;

try {
  run(process.argv.slice(2));
} catch (cause) {
  process.stderr.write(`${cause instanceof Error ? cause.message : cause}\n`);
  process.exitCode = 1;
}

function run(args: string[]): void {
  const { values } = readOptions({
    args,
    options: {
      all: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return;
  }
  const lock = new URL("../../package-lock.json", import.meta.url);
  const dependencies = readLock(readFileSync(lock, "utf8"));
  const lines = values.all ? dependencies.map(describe) : summary(dependencies);
  const faults = dependencies.flatMap((dependency) => findFault(dependency) ?? []);
  process.stdout.write(`${lines.join("\n")}\n`);
  if (faults.length === 0) return;
  process.exitCode = 1;
  process.stderr.write(`${faults.join("\n")}\n`);
}

function describe({ name, version, licence, isShipped, hasInstallScript }: Dependency): string {
  const notes = [isShipped ? "" : "development", hasInstallScript ? "install script, not run" : ""];
  return [`${name} ${version}`, licence, ...notes].filter((part) => part !== "").join("  ");
}

function summary(dependencies: readonly Dependency[]): string[] {
  const licences = [...new Set(dependencies.map(({ licence }) => licence))].sort();
  const counts = licences.map((licence) => {
    const all = dependencies.filter((dependency) => dependency.licence === licence);
    const shipped = all.filter(({ isShipped }) => isShipped).length;
    return `${licence}  ${shipped} shipped, ${all.length - shipped} for development`;
  });
  const reasons = Object.entries(accepted).map(
    ([name, { licence, why }]) => `${name}  ${licence}: ${why}`,
  );
  const scripts = dependencies.filter(({ hasInstallScript }) => hasInstallScript);
  return [
    ...counts,
    "",
    ...reasons,
    "",
    `Install scripts, none of which is run: ${scripts.map(({ name }) => name).join(", ")}`,
  ];
}
