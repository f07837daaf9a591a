import { setTimeout as delay } from "node:timers/promises";
import type { Fault } from "./fault.ts";
import { anyEngine, anyOrigin, signal } from "./process-faults.ts";

/** Somewhere in an answer. */
const maxCutBytes = 20_000;

export const proxyFaults: Readonly<Record<string, Fault>> = {
  "proxy that resets": {
    async make({ fleet, chance }) {
      const { proxy } = anyOrigin(fleet, chance);
      proxy.cut(Math.floor(chance() * maxCutBytes), "reset");
      await delay(1000);
      proxy.mend();
    },
  },
  "proxy that is late with all that it passes on": {
    async make({ fleet, chance }) {
      const { proxy } = anyOrigin(fleet, chance);
      proxy.delay(400 * chance());
      await delay(1000);
      proxy.mend();
    },
  },
  "proxy that ends what breaks off behind it": {
    async make({ fleet, chance }) {
      const origin = anyOrigin(fleet, chance);
      origin.proxy.endWhatBreaks();
      await delay(300);
      signal(anyEngine(origin, chance), "SIGKILL");
      await delay(700);
      origin.proxy.mend();
    },
  },
  "proxy that ends answers early and cleanly": {
    async make({ fleet, chance }) {
      const { proxy } = anyOrigin(fleet, chance);
      proxy.cut(Math.floor(chance() * maxCutBytes), "clean");
      await delay(1000);
      proxy.mend();
    },
  },
};
