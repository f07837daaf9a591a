import { readdirSync, readFileSync } from "node:fs";

/** The kernel counts in hundredths of a second for whoever reads it this way (proc(5)). */
const tickMs = 10;

/** The workerd processes that this process has started, by their ids; none where there is no /proc. */
export function workerdProcesses(): number[] {
  return processIds().filter((id) => {
    const [, name, parent] = /^\d+ \((.*)\) \S (\d+)/.exec(read(`/proc/${id}/stat`)) ?? [];
    return name === "workerd" && Number(parent) === process.pid;
  });
}

/** What a process has used of all processors so far, in milliseconds. */
export function processorMs(id: number): number {
  // After the name, which may hold anything, the fields from the third on.
  const fields = read(`/proc/${id}/stat`)
    .replace(/^.*\) /, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) * tickMs;
}

function processIds(): number[] {
  try {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
