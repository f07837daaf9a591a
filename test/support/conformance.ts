import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Check } from "../../origin/model/conformance/check.ts";
import { checkConformance } from "../../origin/model/conformance/conformance.ts";
import type { ReferenceCase, ReferenceSet } from "../../origin/model/conformance/reference-set.ts";
import type { Precision } from "../../origin/model/generate/precision.ts";

/** All checks of a set, on one thread. */
export async function conformanceOf(set: ReferenceSet, precision: Precision): Promise<Check[]> {
  const directory = mkdtempSync(join(tmpdir(), "conformance-test-"));
  const checks: Check[] = [];
  try {
    for await (const check of checkConformance(set, { precision, threads: 1, directory })) {
      checks.push(check);
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
  return checks;
}

/** The same set with some of its checkpoints only, and with their cases as `change` returns them. */
export function partOf(
  set: ReferenceSet,
  checkpoints: readonly string[],
  change: (reference: ReferenceCase) => ReferenceCase = (reference) => reference,
): ReferenceSet {
  return {
    ...set,
    checkpoints: new Map([...set.checkpoints].filter(([name]) => checkpoints.includes(name))),
    cases: set.cases.filter(({ checkpoint }) => checkpoints.includes(checkpoint)).map(change),
  };
}

export function failuresOf(checks: readonly Check[]): string[] {
  return checks.filter(({ status }) => status === "failed").map(({ name }) => name);
}
