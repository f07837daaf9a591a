import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { SettingsError } from "../settings.ts";
import { projectFolder, wranglerProgram } from "./wrangler.ts";

const startSeconds = 60;

/** The edge as `wrangler dev` runs it: the real workerd. */
export interface WranglerDev {
  /** Resolves once the edge answers; false when it ended before. */
  ready: Promise<boolean>;
  /** Resolves with the exit code when it has ended by itself or been stopped. */
  exited: Promise<number | null>;
  stop(): Promise<void>;
}

/** Starts the edge on a port of this machine in front of one origin. Throws SettingsError when the port is taken. */
export async function startWranglerDev(port: number, originUrl: string): Promise<WranglerDev> {
  await requireFreePort(port);
  const wrangler = spawn(
    process.execPath,
    [
      wranglerProgram,
      "dev",
      ...["--port", String(port)],
      ...["--var", `ORIGIN_URLS:${originUrl}`],
      "--show-interactive-dev-session=false",
    ],
    {
      cwd: projectFolder,
      // Its own group: Ctrl-C reaches this process alone, which then stops both in order.
      detached: true,
      stdio: ["ignore", "inherit", "inherit"],
      env: {
        ...process.env,
        CLOUDFLARE_CF_FETCH_ENABLED: "false",
        WRANGLER_HIDE_BANNER: "true",
        WRANGLER_LOG: process.env.WRANGLER_LOG ?? "warn",
      },
    },
  );
  const exited = once(wrangler, "exit").then(([code]) => code as number | null);
  return {
    ready: untilAnswering(`http://localhost:${port}/v1/models`, wrangler),
    exited,
    async stop() {
      wrangler.kill("SIGINT");
      await exited;
    },
  };
}

async function requireFreePort(port: number): Promise<void> {
  const probe = createServer();
  try {
    probe.listen(port, "localhost");
    await once(probe, "listening");
  } catch {
    throw new SettingsError(`Port ${port} is in use: set EDGE_PORT to another one.`);
  }
  probe.close();
  await once(probe, "close");
}

async function untilAnswering(url: string, wrangler: ChildProcess): Promise<boolean> {
  const deadline = performance.now() + startSeconds * 1000;
  while (wrangler.exitCode === null && performance.now() < deadline) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer) return true;
    await delay(100);
  }
  return false;
}
