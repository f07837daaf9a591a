import type { Parameters } from "fast-check";
import { vi } from "vitest";

const huntRuns = Number(process.env.FUZZ_RUNS ?? 0);

if (huntRuns > 0) vi.setConfig({ testTimeout: 60 * 60 * 1000 });

/**
 * How often a property is tried: `few` times, on the same values in every run of the tests. `FUZZ_RUNS=10000` hunts
 * instead, on new values each time; what fails is printed with the seed that draws it again.
 */
export function runs<T = unknown>(few: number): Parameters<T> {
  return huntRuns > 0 ? { numRuns: huntRuns } : { numRuns: few, seed: 7 };
}
