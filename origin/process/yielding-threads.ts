/**
 * Threads that work with what others leave of the processors. On Linux each thread of a process has a nice value of its
 * own, and inherits that of the thread that starts it (sched(7), setpriority(2)).
 */
import { existsSync, readdirSync, readlinkSync } from "node:fs";
import { constants, getPriority, setPriority } from "node:os";
import { basename } from "node:path";

const { PRIORITY_LOW: lowest } = constants.priority;
/** A link to the thread that reads it. */
const thisThread = "/proc/thread-self";

/** Whether this system tells threads of a process apart, and nothing forbids to set nice values, as a sandbox may. */
export const threadsCanYield =
  process.platform === "linux" && existsSync(thisThread) && maySetNice();

function maySetNice(): boolean {
  try {
    setPriority(getPriority());
    return true;
  } catch {
    return false;
  }
}

/**
 * Has the threads that this one starts until `start` resolves yield to all others, where they can. This thread, by whose
 * nice value they are told, is one nicer from then on: an unprivileged process cannot go back.
 */
export async function startYielding<Started>(start: () => Promise<Started>): Promise<Started> {
  if (!threadsCanYield) return start();
  const own = Number(basename(readlinkSync(thisThread)));
  const mark = Math.min(getPriority(own) + 1, lowest);
  setPriority(own, mark);
  const started = await start();
  for (const thread of readdirSync("/proc/self/task").map(Number)) {
    if (thread !== own) yieldIfMarked(thread, mark);
  }
  return started;
}

function yieldIfMarked(thread: number, mark: number): void {
  try {
    if (getPriority(thread) === mark) setPriority(thread, lowest);
  } catch (cause) {
    // It may have ended meanwhile.
    if ((cause as { info?: { code?: string } }).info?.code !== "ESRCH") throw cause;
  }
}
