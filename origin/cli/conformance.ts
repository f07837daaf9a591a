import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import type { Check } from "../model/conformance/check.ts";
import { checkConformance } from "../model/conformance/conformance.ts";
import { readReferenceSet } from "../model/conformance/reference-set.ts";
import { formatCheck, summarize } from "../model/conformance/report.ts";
import { chooseDevice } from "../model/device/choose-device.ts";
import { devices } from "../model/device/device.ts";
import { type Precision, precisions } from "../model/generate/precision.ts";
import { readOptions } from "./read-options.ts";

const help = `Usage: npm run conformance -- DIR [--precision P] [--device D]

  Builds every checkpoint of a reference set and compares what it says with what the official code says, one line for
  each comparison. Leaves with exit code 1 when one failed.

  DIR  holds checkpoints/, cases/, codec/ and tokenizer.json; test/fixtures/pico is one.
  P    is ${Object.keys(precisions).join(", ")}; float32 unless said otherwise. float32 must say the official codes;
       of the others every choice of a code is judged against float32.
  D    is ${devices.join(", ")}; cpu unless said otherwise.
`;

try {
  await run(process.argv.slice(2));
} catch (cause) {
  process.stderr.write(`${cause instanceof Error ? cause.message : cause}\n`);
  process.exitCode = 1;
}

async function run(args: string[]): Promise<void> {
  const { values, positionals } = readOptions({
    args,
    allowPositionals: true,
    options: {
      precision: { type: "string", default: "float32" },
      device: { type: "string", default: "cpu" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return;
  }
  const [folder, ...others] = positionals;
  if (!folder || others.length > 0)
    throw new Error("conformance takes one folder: DIR; see --help");
  if (!Object.hasOwn(precisions, values.precision)) {
    throw new Error(
      `--precision must be one of ${Object.keys(precisions).join(", ")}; it is ${values.precision}`,
    );
  }
  const device = devices.find((name) => name === values.device);
  if (!device) {
    throw new Error(`--device must be one of ${devices.join(", ")}; it is ${values.device}`);
  }
  chooseDevice(device);

  const set = readReferenceSet(folder);
  const options = {
    precision: values.precision as Precision,
    device,
    threads: availableParallelism(),
    directory: temporaryFolder(),
  };
  const checks: Check[] = [];
  for await (const check of checkConformance(set, options)) {
    checks.push(check);
    process.stdout.write(`${formatCheck(check)}\n`);
  }
  process.stdout.write(`${summarize(checks)}\n`);
  if (checks.some(({ status }) => status === "failed")) process.exitCode = 1;
}

/** Packs of gigabytes must not outlive a run that is interrupted. */
function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "conformance-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
  return folder;
}
