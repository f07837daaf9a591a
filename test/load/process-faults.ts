import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import type { Fault } from "./fault.ts";
import type { Fleet } from "./fleet.ts";
import type { FleetOrigin } from "./fleet-origin.ts";

type Chance = () => number;

function oneOf<T>(all: readonly T[], chance: Chance): T | undefined {
  return all[Math.floor(chance() * all.length)];
}

/** One of all origins, whatever they speak with. */
export function anyOrigin({ origins, qwen3 }: Fleet, chance: Chance): FleetOrigin {
  const origin = oneOf([...origins, ...(qwen3 ? [qwen3.origin] : [])], chance);
  if (!origin) throw new Error("a fleet has origins");
  return origin;
}

/** One of an origin's engines, where any runs. */
export function anyEngine(origin: FleetOrigin, chance: Chance): number | undefined {
  return oneOf(origin.enginePids(), chance);
}

export function signal(pid: number | undefined, name: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(pid, name);
  } catch {
    // It has just died by itself.
  }
}

/** Lets a process have no more memory than it has, until the kernel kills it. */
async function starve(pid: number): Promise<void> {
  const limit = `--as=${addressSpaceBytes(pid)}`;
  // Where there is no prlimit, it is killed all the same.
  spawnSync("prlimit", ["--pid", String(pid), limit]);
  await delay(500);
}

function addressSpaceBytes(pid: number): number {
  const [pages = "0"] = readFileSync(`/proc/${pid}/statm`, "utf8").split(" ");
  return Number(pages) * 4096;
}

export const processFaults: Readonly<Record<string, Fault>> = {
  "engine killed": {
    async make({ fleet, chance }) {
      signal(anyEngine(anyOrigin(fleet, chance), chance), "SIGKILL");
    },
  },
  "engine stopped for a second": {
    async make({ fleet, chance }) {
      const pid = anyEngine(anyOrigin(fleet, chance), chance);
      signal(pid, "SIGSTOP");
      await delay(1000);
      signal(pid, "SIGCONT");
    },
  },
  "origin killed and started again": {
    async make({ fleet, chance }) {
      const origin = anyOrigin(fleet, chance);
      await origin.stop("SIGKILL");
      await origin.start();
    },
  },
  "origin restarted in order": {
    async make({ fleet, chance }) {
      const origin = anyOrigin(fleet, chance);
      await origin.stop("SIGTERM");
      await origin.start();
    },
  },
  "engine that hangs for good": {
    async make({ fleet: { origins }, chance }) {
      // Its watchdog finds out and kills it. A model's may be in a call for half a minute before it is thought to hang.
      const origin = oneOf(origins, chance);
      if (origin) signal(anyEngine(origin, chance), "SIGSTOP");
    },
  },
  "engine out of memory": {
    async make({ fleet, chance }) {
      const origin = anyOrigin(fleet, chance);
      const pid = anyEngine(origin, chance);
      if (pid === undefined) return;
      if (process.platform === "linux") await starve(pid).catch(() => undefined);
      if (origin.enginePids().includes(pid)) signal(pid, "SIGKILL");
    },
  },
  "clock set an hour forwards or back": {
    async make({ fleet, chance }) {
      signal(anyOrigin(fleet, chance).pid(), "SIGUSR2");
    },
  },
  "edge restarted": {
    async make({ fleet }) {
      await fleet.restartEdge();
    },
  },
};
