// A pack is spoken with before it is offered: in a process of its own, so that a crash of the runtime is a finding like
// any other, and the memory that is measured is the pack's.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import type { SelfTestRecord } from "../../../model/pack/self-test-record.ts";
import { hugePages } from "../../../process/huge-pages.ts";
import { describeMachine } from "../../../process/machine.ts";
import { runner } from "../../../process/programs.ts";

/** More than a slow machine takes to load the largest model, or to speak one sentence. */
const maxSilenceSeconds = 15 * 60;

/** What the process of the test has found so far, or what ended it. */
export type SelfTestMessage = { found: Partial<SelfTestRecord> } | { error: string };

/** Speaks a few sentences with the pack in this folder and returns what was found, also when it cannot be loaded. */
export async function runSelfTest(folder: string): Promise<SelfTestRecord> {
  const { onnxruntime, processor } = describeMachine();
  const threads = Number(process.env.ENGINE_THREADS || availableParallelism());
  const record: SelfTestRecord = {
    problem: null,
    onnxruntime,
    processor,
    threads,
    loading: null,
    sentences: [],
    milliseconds_per_frame: null,
    peak_resident_bytes: null,
  };
  const module = fileURLToPath(new URL("self-test-child.ts", import.meta.url));
  const child = fork(runner, [module, folder, String(threads)], {
    env: { ...process.env, ...hugePages(process.env) },
    // Standard output belongs to the program.
    stdio: ["ignore", 2, 2, "ipc"],
  });
  const impatience = setTimeout(() => child.kill("SIGKILL"), maxSilenceSeconds * 1000);
  child.on("message", (message: SelfTestMessage) => {
    impatience.refresh();
    if ("found" in message) Object.assign(record, message.found);
    else record.problem = message.error;
  });
  const ending = await endOf(child);
  clearTimeout(impatience);
  record.problem ??= ending;
  return record;
}

/** Resolves with what is wrong with how the process ended, after its last message. */
async function endOf(child: ChildProcess): Promise<string | null> {
  const [[code, signal]] = await Promise.all([once(child, "exit"), once(child, "disconnect")]);
  if (signal) return `the process that spoke was ended by ${signal}`;
  return code === 0 ? null : `the process that spoke exited with code ${code}`;
}
