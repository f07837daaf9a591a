import { readdirSync, readFileSync } from "node:fs";

/** The ids of the processes whose parent has this id, as /proc knows them. Linux only. */
export function childrenOf(pid: number): number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((id) => parentOf(id) === pid);
}

/** The ids of the processes that come from the one with this id, at any remove, with their command lines. Linux only. */
export function descendantsOf(pid: number): { pid: number; command: string }[] {
  return childrenOf(pid).flatMap((child) => [
    { pid: child, command: commandOf(child) },
    ...descendantsOf(child),
  ]);
}

/** The id of this process's running child whose command line has these words in it. Throws when there is none. */
export function childWith(words: string): number {
  const child = childrenOf(process.pid)
    .filter(isRunning)
    .find((id) => commandOf(id).includes(words));
  if (child === undefined) throw new Error(`no process runs ${words}`);
  return child;
}

/** Whether the process runs; one that is dead but not yet reaped does not. */
export function isRunning(pid: number): boolean {
  const state = statOf(pid)?.[0];
  return state !== undefined && state !== "Z";
}

/** Bytes of memory that the process holds. */
export function residentBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}

/** How many files, sockets and so on the process has open. */
export function openDescriptors(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** Empty for a process that is gone. */
function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return "";
  }
}

function parentOf(pid: number): number {
  return Number(statOf(pid)?.[1]);
}

/** State, parent and so on: what follows the name in parentheses. */
function statOf(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
}
