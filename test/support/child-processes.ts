import { readdirSync, readFileSync } from "node:fs";

/** The ids of the processes whose parent has this id, as /proc knows them. Linux only. */
export function childrenOf(pid: number): number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((id) => parentOf(id) === pid);
}

/** The id of this process's running child whose command line has these words in it. Throws when there is none. */
export function childWith(words: string): number {
  const child = childrenOf(process.pid)
    .filter(isRunning)
    .find((id) =>
      readFileSync(`/proc/${id}/cmdline`, "utf8").replaceAll("\0", " ").includes(words),
    );
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
