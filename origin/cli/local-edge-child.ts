// The process of `startLocalEdge`: the Worker of wrangler.toml in workerd, with the settings (.dev.vars) and the local
// state (.wrangler/state) of `wrangler dev`, but without the inspector and the proxy that it puts before a Worker. The one
// opens a connection for each chunk of a stream, the other asks for gzip on behalf of clients that did not.
import { spawn } from "node:child_process";
import { on, once } from "node:events";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { build, stop as stopEsbuild } from "esbuild";
import { Miniflare } from "miniflare";
import { unstable_getMiniflareWorkerOptions, unstable_readConfig } from "wrangler";
import { nameSettings } from "../../shared/catalogue.ts";
import { outliveReaders } from "../log.ts";
import { publicFolder, writePage } from "../page/write-page.ts";
import type { FromLocalEdge, LocalEdgeOptions, ToLocalEdge } from "./local-edge.ts";
import { requestLine } from "./request-line.ts";
import { projectFolder } from "./wrangler.ts";

const assetsWorker = "page";

const levels = ["silent", "error", "warn", "info", "debug"];

const { host, port, auth, drainSeconds, logLevel }: LocalEdgeOptions = JSON.parse(
  process.argv[2] ?? "",
);

// With its parent gone, however it went, nobody waits for an answer. Miniflare takes workerd along.
process.once("disconnect", () => process.exit());
if (!process.connected) process.exit();
outliveReaders();
guardGroup();

const messages = on(process, "message");
const order = await nextMessage();
if (order.type === "serve") await run(order.originUrl);
process.disconnect();

async function run(originUrl: string): Promise<void> {
  try {
    const { miniflare, ended } = await serve(originUrl);
    tell({ type: "listening" });
    const stopAsked = nextMessage().then(() => "stop" as const);
    if ((await Promise.race([stopAsked, ended])) === "stop") await drain(ended);
    else process.exitCode = 1;
    await miniflare.dispose();
  } catch (cause) {
    tell({ type: "unable", reason: explain(cause) });
    process.exitCode = 1;
  }
}

async function nextMessage(): Promise<ToLocalEdge> {
  const { value } = await messages.next();
  return value[0];
}

interface Runtime {
  miniflare: Miniflare;
  /** Resolves when workerd has ended by itself. */
  ended: Promise<unknown>;
}

async function serve(originUrl: string): Promise<Runtime> {
  const config = unstable_readConfig({ config: join(projectFolder, "wrangler.toml") });
  const { workerOptions, main, define } = unstable_getMiniflareWorkerOptions(config);
  const { modulesRules: _, assets, ...worker } = workerOptions;
  await writePage(publicFolder);
  const contents = await bundle(main, define);
  let output: Readable | undefined;
  const miniflare = new Miniflare({
    // The layout of wrangler's local state.
    defaultPersistRoot: join(projectFolder, ".wrangler/state/v3"),
    cf: false,
    handleStructuredLogs: show,
    handleRuntimeStdio: (stdout: Readable) => {
      output = stdout;
    },
    workers: [
      {
        ...worker,
        name: config.name ?? "edge",
        modules: [{ type: "ESModule", path: "edge.js", contents }],
        bindings: { ...worker.bindings, ...namesOfOrigin(), AUTH: auth, ORIGIN_URLS: originUrl },
        serviceBindings: { ...worker.serviceBindings, ASSETS: assetsWorker },
        // The Worker itself listens: Miniflare's own entry would ask for compression as wrangler's proxy does.
        unsafeDirectSockets: [{ host, port }],
      },
      // Of a Worker's own assets, Miniflare would put its proxy before the Worker here as well.
      {
        name: assetsWorker,
        modules: true,
        script: "export default {}",
        assets: { directory: publicFolder, assetConfig: assets?.assetConfig },
      },
    ],
  });
  // Miniflare's own listeners end the process at once; when it is time is the parent's to say.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.removeAllListeners(signal);
    process.on(signal, () => {});
  }
  await miniflare.ready;
  return { miniflare, ended: output ? once(output, "end") : new Promise(() => {}) };
}

/** The names that the origin beside it was told of, which are to be the edge's too. */
function namesOfOrigin(): Record<string, string> {
  const given = nameSettings.map((name) => [name, process.env[name] ?? ""] as const);
  return Object.fromEntries(given.filter(([, value]) => value !== ""));
}

async function bundle(main = "", define: Record<string, string>): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [main],
    define,
    bundle: true,
    external: ["cloudflare:*"],
    format: "esm",
    target: "es2023",
    write: false,
    logLevel: "silent",
  });
  await stopEsbuild();
  return outputFiles[0]?.text ?? "";
}

/** Has workerd close its port, finish the answers that run, and leave. */
async function drain(ended: Promise<unknown>): Promise<void> {
  if (process.platform === "win32") return;
  process.kill(-process.pid, "SIGTERM");
  await Promise.race([ended, delay(drainSeconds * 1000)]);
}

/** Has a shell wait for the end of this process, however it ends, and then end what is left of its group: workerd. */
function guardGroup(): void {
  if (process.platform === "win32") return;
  const guard = spawn("sh", ["-c", `read -r line; kill -s KILL -- -${process.pid}`], {
    stdio: ["pipe", "ignore", "ignore"],
    // Outside the group, to outlive it.
    detached: true,
  });
  guard.on("error", () => {});
  guard.unref();
}

/** The Worker's lines are JSON and name their level where it is another than "info"; workerd has lines of its own. */
function show({ level, message }: { level: string; message: string }): void {
  const rank = levels.indexOf(level === "log" ? (levelIn(message) ?? "info") : level);
  if (rank <= levels.indexOf(logLevel))
    process.stdout.write(`${requestLine(message) ?? message}\n`);
}

function levelIn(line: string): string | undefined {
  try {
    return JSON.parse(line).level;
  } catch {
    return undefined;
  }
}

function explain(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const { code } = cause as NodeJS.ErrnoException;
  return code === "ERR_ADDRESS_IN_USE"
    ? `Port ${port} is in use: set EDGE_PORT to another one.`
    : `The edge cannot be started: ${cause.message}`;
}

function tell(message: FromLocalEdge): void {
  process.send?.(message, () => {});
}
