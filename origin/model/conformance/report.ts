import type { Check } from "./check.ts";

const words = { passed: "ok", failed: "FAILED", reported: "info" } as const;
const wordWidth = Math.max(...Object.values(words).map(({ length }) => length));

/** A check as a line. */
export function formatCheck({ name, status, measured, bound }: Check): string {
  const line = `${words[status].padEnd(wordWidth)}  ${name}: ${measured}`;
  return bound === undefined ? line : `${line} (${bound})`;
}

/** What came of all of them, in a line. */
export function summarize(checks: readonly Check[]): string {
  const count = (status: Check["status"]) =>
    checks.filter((check) => check.status === status).length;
  return `${count("passed")} passed, ${count("failed")} failed`;
}
