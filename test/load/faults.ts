import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import type { Fleet, FleetOrigin } from "./fleet.ts";

/** Something that goes wrong, and is over when it resolves. `chance` is from 0 to 1. */
export type Fault = (fleet: Fleet, chance: () => number) => Promise<void>;

function anyOrigin({ origins }: Fleet, chance: () => number): FleetOrigin {
  const origin = origins[Math.floor(chance() * origins.length)];
  if (!origin) throw new Error("a fleet has origins");
  return origin;
}

function signalEngine(origin: FleetOrigin, signal: NodeJS.Signals): void {
  const pid = origin.enginePid();
  try {
    if (pid !== undefined) process.kill(pid, signal);
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

export const faults: Readonly<Record<string, Fault>> = {
  async "engine killed"(fleet, chance) {
    signalEngine(anyOrigin(fleet, chance), "SIGKILL");
  },
  async "engine stopped for a second"(fleet, chance) {
    const origin = anyOrigin(fleet, chance);
    signalEngine(origin, "SIGSTOP");
    await delay(1000);
    signalEngine(origin, "SIGCONT");
  },
  async "origin killed and started again"(fleet, chance) {
    const origin = anyOrigin(fleet, chance);
    await origin.stop("SIGKILL");
    await origin.start();
  },
  async "origin restarted in order"(fleet, chance) {
    const origin = anyOrigin(fleet, chance);
    await origin.stop("SIGTERM");
    await origin.start();
  },
  async "engine that hangs for good"(fleet, chance) {
    // Its watchdog finds out and kills it.
    signalEngine(anyOrigin(fleet, chance), "SIGSTOP");
  },
  async "engine out of memory"(fleet, chance) {
    const origin = anyOrigin(fleet, chance);
    const pid = origin.enginePid();
    if (pid !== undefined && process.platform === "linux") await starve(pid).catch(() => undefined);
    if (pid === origin.enginePid()) signalEngine(origin, "SIGKILL");
  },
  async "clock set an hour forwards or back"(fleet, chance) {
    const pid = anyOrigin(fleet, chance).pid();
    if (pid !== undefined) process.kill(pid, "SIGUSR2");
  },
  async "edge restarted"(fleet) {
    await fleet.restartEdge();
  },
  async "proxy that resets"(fleet, chance) {
    const { proxy } = anyOrigin(fleet, chance);
    proxy.cut(Math.floor(chance() * 20_000), "reset");
    await delay(1000);
    proxy.mend();
  },
  async "proxy that is late with all that it passes on"(fleet, chance) {
    const { proxy } = anyOrigin(fleet, chance);
    proxy.delay(400 * chance());
    await delay(1000);
    proxy.mend();
  },
  async "proxy that ends what breaks off behind it"(fleet, chance) {
    const origin = anyOrigin(fleet, chance);
    origin.proxy.endWhatBreaks();
    await delay(300);
    signalEngine(origin, "SIGKILL");
    await delay(700);
    origin.proxy.mend();
  },
  async "proxy that ends answers early and cleanly"(fleet, chance) {
    const { proxy } = anyOrigin(fleet, chance);
    proxy.cut(Math.floor(chance() * 20_000), "clean");
    await delay(1000);
    proxy.mend();
  },
};
