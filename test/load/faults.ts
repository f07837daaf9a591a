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
  async "edge restarted"(fleet) {
    await fleet.restartEdge();
  },
  async "proxy that resets"(fleet, chance) {
    const { proxy } = anyOrigin(fleet, chance);
    proxy.cut(Math.floor(chance() * 20_000), "reset");
    await delay(1000);
    proxy.mend();
  },
  async "proxy that ends answers early and cleanly"(fleet, chance) {
    const { proxy } = anyOrigin(fleet, chance);
    proxy.cut(Math.floor(chance() * 20_000), "clean");
    await delay(1000);
    proxy.mend();
  },
};
