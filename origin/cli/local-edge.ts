import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { runner } from "../process/programs.ts";
import { SettingsError } from "../settings.ts";
import type { LocalEdgeSettings } from "./edge-settings.ts";
import { projectFolder } from "./wrangler.ts";

/** Beyond the drain time, how long the edge's process may take to leave. */
const leaveSeconds = 5;

export interface LocalEdgeOptions extends LocalEdgeSettings {
  /** How long running answers may take to finish when it is stopped. */
  drainSeconds: number;
  /** Of the Worker's lines, the least that are shown. */
  logLevel: string;
}

export type ToLocalEdge = { type: "serve"; originUrl: string } | { type: "stop" };

export type FromLocalEdge = { type: "listening" } | { type: "unable"; reason: string };

/** The edge on this machine: the real workerd. */
export interface LocalEdge {
  /** Serves in front of this origin and resolves once it listens; rejects with the reason when it cannot. */
  serve(originUrl: string): Promise<void>;
  /** Resolves with the exit code or the signal when it has ended by itself or been stopped. */
  exited: Promise<string>;
  /** Takes no more requests, lets running answers finish within the drain time, and resolves when it is gone. */
  stop(): Promise<void>;
}

/**
 * Starts the edge's process, which ends with this one, however this one ends. It takes seconds to load what the edge is
 * made with, so it is started before there is an origin.
 */
export function startLocalEdge(options: LocalEdgeOptions): LocalEdge {
  const module = fileURLToPath(new URL("local-edge-child.ts", import.meta.url));
  const child = fork(runner, [module, JSON.stringify(options)], {
    cwd: projectFolder,
    // A group of its own: what a terminal sends to all reaches neither it nor workerd, which would drop its answers.
    detached: true,
    env: {
      ...process.env,
      CLOUDFLARE_CF_FETCH_ENABLED: "false",
      WRANGLER_LOG: process.env.WRANGLER_LOG ?? "warn",
    },
  });
  const exited = once(child, "exit").then(() => endingOf(child));
  let isServing = false;

  function send(message: ToLocalEdge) {
    if (child.connected) child.send(message, () => {});
  }

  return {
    serve(originUrl) {
      isServing = true;
      send({ type: "serve", originUrl });
      return untilListening(child);
    },
    exited,
    async stop() {
      send({ type: "stop" });
      const patience = isServing ? options.drainSeconds + leaveSeconds : 0;
      const impatience = setTimeout(() => child.kill("SIGKILL"), patience * 1000);
      await exited;
      clearTimeout(impatience);
    },
  };
}

function untilListening(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.on("message", (message: FromLocalEdge) => {
      if (message.type === "listening") resolve();
      else reject(new Error(message.reason));
    });
    const ended = () => reject(new Error(`The edge did not start (${endingOf(child)}).`));
    if (child.exitCode !== null || child.signalCode !== null) ended();
    child.on("error", reject);
    child.on("exit", ended);
  });
}

function endingOf({ signalCode, exitCode }: ChildProcess): string {
  return signalCode ?? `exit code ${exitCode}`;
}

/** Throws SettingsError when it cannot be listened on. */
export async function requireFreePort({ host, port }: LocalEdgeSettings): Promise<void> {
  const probe = createServer();
  try {
    probe.listen(port, host);
    await once(probe, "listening");
  } catch (cause) {
    throw new SettingsError(whyNotFree((cause as NodeJS.ErrnoException).code ?? "", host, port));
  }
  probe.close();
  await once(probe, "close");
}

function whyNotFree(code: string, host: string, port: number): string {
  if (code === "EADDRINUSE") return `Port ${port} is in use: set EDGE_PORT to another one.`;
  if (code === "EACCES")
    return `Port ${port} may not be used by this user: set EDGE_PORT to another one.`;
  return `EDGE_HOST: ${host} is no address of this machine (${code}).`;
}
