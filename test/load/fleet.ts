import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { descendantsOf } from "../support/child-processes.ts";
import { type CuttingProxy, startCuttingProxy } from "../support/cutting-proxy.ts";
import { type Edge, startEdge } from "../support/edge.ts";
import { type RunningProcess, runProgram } from "../support/run-program.ts";
import { unusedPort } from "../support/unused-port.ts";

const clock = new URL("../support/settable-clock.mjs", import.meta.url).href;
const token = "between-edge-and-origins";

/** An origin in a process of its own, and the proxy that stands before it. */
export interface FleetOrigin {
  proxy: CuttingProxy;
  /** Its own address. */
  url: string;
  /** Undefined while it is down. */
  pid(): number | undefined;
  /** Of its engine's process, where that runs. */
  enginePid(): number | undefined;
  start(): Promise<void>;
  /** Resolves when it is gone, with how it ended; undefined where it was down. */
  stop(signal: "SIGTERM" | "SIGKILL"): Promise<Exit | undefined>;
}

type Exit = Awaited<RunningProcess["exited"]>;

/** Several origins, each behind a proxy, and an edge before them with a cache and flights. */
export interface Fleet {
  readonly url: string;
  origins: readonly FleetOrigin[];
  restartEdge(): Promise<void>;
  close(): Promise<void>;
}

export async function startFleet(
  count: number,
  environment: Record<string, string> = {},
): Promise<Fleet> {
  const folder = mkdtempSync(join(tmpdir(), "fleet-"));
  const origins = await Promise.all(
    Array.from({ length: count }, (_, i) => startOrigin(join(folder, `origin-${i}`), environment)),
  );
  const open = () =>
    startEdge(
      {
        ORIGIN_URLS: origins.map(({ proxy }) => proxy.url).join(","),
        ORIGIN_TOKEN: token,
        ORIGIN_TIMEOUT_SECONDS: "20",
        AUDIO: "audio",
        FLIGHTS: true,
      },
      { persistTo: join(folder, "edge") },
    );
  let edge: Edge = await open();
  return {
    get url() {
      return edge.url;
    },
    origins,
    async restartEdge() {
      await edge.close();
      edge = await open();
    },
    async close() {
      await edge.close();
      await Promise.all(origins.map((origin) => origin.stop("SIGKILL")));
      await Promise.all(origins.map(({ proxy }) => proxy.close()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function startOrigin(
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
    enginePid() {
      const engines = descendantsOf(program?.child.pid ?? 0);
      return engines.find(({ command }) => command.includes("child.ts"))?.pid;
    },
    async start() {
      program = runProgram("origin/main.ts", {
        preload: clock,
        environment: {
          ORIGIN_PORT: String(port),
          ORIGIN_TOKEN: token,
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
