import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { hugePages } from "../../../origin/process/huge-pages.ts";

const setting = "/sys/kernel/mm/transparent_hugepage/enabled";
const isGiven = existsSync(setting) && !readFileSync(setting, "utf8").includes("[never]");
const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };

const pieces = 64;
const pieceMegabytes = 1.5;
/** Allocates pieces in a thread, each smaller than a huge page, as weights are, and prints how many kB are in huge pages. */
const thread = `
  const { readFileSync } = require("node:fs");
  const pieces = Array.from({ length: ${pieces} }, () => Buffer.alloc(${pieceMegabytes} * 2 ** 20, 1));
  const [, kilobytes] = /AnonHugePages: +(\\d+)/.exec(readFileSync("/proc/self/smaps_rollup", "utf8"));
  console.log(pieces.length && Number(kilobytes));
`;
const program = `new (require("node:worker_threads").Worker)(${JSON.stringify(thread)}, { eval: true })`;

it.skipIf(!isGiven || !header.glibcVersionRuntime)(
  "what a thread allocates piece by piece is in huge pages, where the system gives them and glibc allocates",
  () => {
    const { stdout, stderr } = spawnSync(process.execPath, ["-e", program], {
      encoding: "utf8",
      env: { ...process.env, ...hugePages({}) },
    });
    expect(stderr).toBe("");
    expect(Number(stdout) / 1024).toBeGreaterThan(0.7 * pieces * pieceMegabytes);
  },
);
