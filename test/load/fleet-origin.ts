import { join } from "node:path";
import { descendantsOf } from "../support/child-processes.ts";
import { type CuttingProxy, startCuttingProxy } from "../support/cutting-proxy.ts";
import { type RunningProcess, runProgram } from "../support/run-program.ts";
import { unusedPort } from "../support/unused-port.ts";

const clock = new URL("../support/settable-clock.mjs", import.meta.url).href;

/** What the edges of a fleet show its origins. */
export const fleetToken = "between-edge-and-origins";

/** An origin in a process of its own, and the proxy that stands before it. */
export interface FleetOrigin {
  proxy: CuttingProxy;
  /** Its own address. */
  url: string;
  /** Undefined while it is down. */
  pid(): number | undefined;
  /** Of the processes of its engines, those that run: the builtin one, or one for each model. */
  enginePids(): number[];
  start(): Promise<void>;
  /** Resolves when it is gone, with how it ended; undefined where it was down. */
  stop(signal: "SIGTERM" | "SIGKILL"): Promise<Exit | undefined>;
}

type Exit = Awaited<RunningProcess["exited"]>;

/** Starts an origin, by default of the builtin engine. It keeps jobs and voices in folders of `folder`. */
export async function startFleetOrigin(
  folder: string,
  environment: Record<string, string>,
): Promise<FleetOrigin> {
  const port = await unusedPort();
  const url = `http://127.0.0.1:${port}`;
  let program: RunningProcess | undefined;
  const origin: FleetOrigin = {
    url,
    proxy: await startCuttingProxy(url),
    pid: () => program?.child.pid,
    enginePids: () =>
      descendantsOf(program?.child.pid ?? 0)
        .filter(({ command }) => command.includes("child.ts"))
        .map(({ pid }) => pid),
    async start() {
      program = runProgram("origin/main.ts", {
        preload: clock,
        environment: {
          ORIGIN_PORT: String(port),
          ORIGIN_TOKEN: fleetToken,
          ENGINE: "builtin",
          LOG_LEVEL: "silent",
          DRAIN_SECONDS: "10",
          JOBS_DIR: join(folder, "jobs"),
          VOICES_DIR: join(folder, "voices"),
          ...environment,
        },
      });
      await program.until(/^origin http/m);
    },
    async stop(signal) {
      const stopping = program;
      program = undefined;
      stopping?.child.kill(signal);
      return await stopping?.exited;
    },
  };
  await origin.start();
  return origin;
}
