import { descendantsOf, openDescriptors, residentBytes } from "../support/child-processes.ts";

/** What one process took, second by second. */
export interface MemoryTrace {
  name: string;
  pid: number;
  megabytes: number[];
}

/** Notes what processes take, each time that it is told to. */
export function createMemoryTraces() {
  const traces = new Map<number, MemoryTrace>();
  return {
    traces,
    note(processes: readonly { name: string; pid: number | undefined }[]): void {
      for (const { name, pid } of processes) {
        if (pid === undefined) continue;
        const trace = traces.get(pid) ?? { name, pid, megabytes: [] };
        traces.set(pid, trace);
        try {
          trace.megabytes.push(residentBytes(pid) / 1e6);
        } catch {
          // It has just gone.
        }
      }
    },
  };
}

/**
 * How fast a process grew in the last quarter of its time, when all that is kept for the next request is there, in megabytes a
 * minute: the slope of least squares. What comes before is for warming up: workerd, which has no limit of memory but in
 * production, grew to 700 MB with the first 26,000 answers of a soak and not with the 13,000 after them; with a Worker that
 * answers the same bytes to everybody it grows as fast.
 */
export function slopeOf({ megabytes }: MemoryTrace): number {
  const last = megabytes.slice(Math.floor((megabytes.length * 3) / 4));
  const [meanX, meanY] = [(last.length - 1) / 2, last.reduce((sum, y) => sum + y, 0) / last.length];
  let [over, under] = [0, 0];
  for (const [x, y] of last.entries()) {
    over += (x - meanX) * (y - meanY);
    under += (x - meanX) ** 2;
  }
  return under === 0 ? 0 : (over / under) * 60;
}

/** The processes of workerd that this one has started. */
export function workerdPids(): number[] {
  return descendantsOf(process.pid).flatMap(({ pid, command }) =>
    command.includes("workerd") ? [pid] : [],
  );
}

export function descriptorsOf(pid: number | undefined): number {
  return pid === undefined ? 0 : openDescriptors(pid);
}
