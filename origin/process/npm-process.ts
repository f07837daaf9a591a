import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

const intervalMilliseconds = 500;

/**
 * Calls back once the npm that runs this program as a script is gone. npm passes signals on to the shell between them,
 * which does not, so whoever stops npm, or kills it, would otherwise leave the program behind. Does nothing where no npm
 * runs it. Returns how to stop watching.
 */
export function watchNpm(onGone: () => void): () => void {
  if (process.env.npm_lifecycle_event === undefined) return () => {};
  const parent = process.ppid;
  const npm = npmAbove(parent);
  const timer = setInterval(() => {
    if (process.ppid === parent && isThere(npm)) return;
    clearInterval(timer);
    onGone();
  }, intervalMilliseconds);
  timer.unref();
  return () => clearInterval(timer);
}

/** npm runs a script in a shell, and some shells make way for a script's only program. */
function npmAbove(parent: number): number {
  const { name, above } = describe(parent) ?? {};
  return above !== undefined && /sh$|busybox$/.test(name ?? "") ? above : parent;
}

/** Name and parent of a process; undefined where the system does not tell. */
function describe(pid: number): { name: string; above: number } | undefined {
  try {
    const [, name, above] =
      process.platform === "linux"
        ? (readFileSync(`/proc/${pid}/stat`, "utf8").match(/\((.*)\) \S (\d+)/s) ?? [])
        : (execFileSync("ps", ["-o", "comm=,ppid=", "-p", String(pid)], { encoding: "utf8" }).match(
            /^(.*\S)\s+(\d+)\s*$/,
          ) ?? []);
    return name === undefined ? undefined : { name, above: Number(above) };
  } catch {
    return undefined;
  }
}

/** Whether there is a process with this id. */
function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === "EPERM";
  }
}
