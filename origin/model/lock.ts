import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname } from "node:path";
import * as z from "zod";

const holderSchema = z.object({ pid: z.int(), host: z.string(), since: z.string() });
type Holder = z.infer<typeof holderSchema>;

/**
 * Holds a lock file until it is released. One whose process is dead is taken over; libraries that tell this by the
 * file's age would take a build, which blocks its process for minutes, for dead. Throws an Error, with whoever holds it
 * and `purpose`, when another process does.
 */
export function acquireLock(path: string, purpose: string): { release(): void } {
  mkdirSync(dirname(path), { recursive: true });
  const own: Holder = { pid: process.pid, host: hostname(), since: new Date().toISOString() };
  const text = JSON.stringify(own);
  if (!tryWrite(path, text)) {
    const found = readText(path);
    const holder = readHolder(found);
    if (!holder || isAlive(holder) || !moveAway(path, found) || !tryWrite(path, text)) {
      throw new Error(refusal(path, purpose, readHolder(readText(path)) ?? holder));
    }
  }
  return { release: () => rmSync(path, { force: true }) };
}

function tryWrite(path: string, text: string): boolean {
  try {
    writeFileSync(path, text, { flag: "wx" });
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw cause;
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function readHolder(text: string): Holder | undefined {
  try {
    return holderSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Of another machine's processes nothing is known, so they count as alive. */
function isAlive({ pid, host, since }: Holder): boolean {
  if (host !== hostname()) return true;
  // A container that is started again gives the same id to another process: this one.
  if (pid === process.pid) return Date.parse(since) >= performance.timeOrigin;
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Removes a dead process's lock, unless another one was faster and it is that one's now. */
function moveAway(path: string, expected: string): boolean {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch {
    return false;
  }
  const isTheOne = readText(aside) === expected;
  if (isTheOne) rmSync(aside);
  else renameSync(aside, path);
  return isTheOne;
}

function refusal(path: string, purpose: string, holder: Holder | undefined): string {
  const who = holder
    ? `process ${holder.pid} on ${holder.host} since ${holder.since}`
    : "another process";
  return `${purpose} is under way: ${who}. Wait for it, or delete ${path} if that is not so`;
}
