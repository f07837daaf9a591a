import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterEach, expect, it } from "vitest";
import { runner } from "../../../origin/process/programs.ts";
import { startThread, type Thread } from "../../../origin/process/thread.ts";
import type { SumCalls } from "../../fixtures/answering-thread.ts";
import { failureOf } from "../../support/listening.ts";

const module = new URL("../../fixtures/answering-thread.ts", import.meta.url);
const program = fileURLToPath(new URL("../../fixtures/asking-program.ts", import.meta.url));
let thread: Thread<SumCalls> | undefined;

afterEach(() => thread?.close());

it("answers calls one after the other, in the order in which they were made", async () => {
  thread = startThread<SumCalls>(module);
  const sums = [1, 10, 100].map((number) => thread?.call("add", number));
  const answered = thread.answered();

  expect(await Promise.race([answered, Promise.all(sums)])).toEqual([1, 11, 111]);
  expect(await Promise.all(sums)).toEqual([1, 11, 111]);
  expect(await answered).toBeNull();
});

it("rejects with what was thrown, and goes on", async () => {
  thread = startThread<SumCalls>(module);
  expect(await failureOf(thread.call("fail", "too large"))).toEqual(new RangeError("too large"));
  expect(await thread.call("add", 5)).toBe(5);
});

it("rejects what it is asked once it is closed, and what it had not answered by then", async () => {
  thread = startThread<SumCalls>(module);
  await thread.call("add", 1);
  const late = failureOf(thread.call("add", 0.01));
  await thread.close();
  expect(await late).toEqual(new Error("the thread has ended"));
  expect(await failureOf(thread.call("add", 1))).toEqual(new Error("the thread is closed"));
});

const ask = (name: string, argument: unknown) =>
  spawnSync(process.execPath, [runner, program, name, JSON.stringify(argument)], {
    encoding: "utf8",
    timeout: 60_000,
  });

it("takes its process along when it dies", () => {
  const { status, stdout, stderr } = ask("die", null);
  expect(status).not.toBe(0);
  expect(stdout).toBe("");
  expect(stderr).toContain("it died");
});

it("does not keep its process running while nobody waits for an answer", () => {
  const { status, stdout } = ask("add", 2);
  expect({ status, stdout }).toEqual({ status: 0, stdout: "2\n" });
});
