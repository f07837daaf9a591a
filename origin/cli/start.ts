import { edgeHealthSchema } from "../../shared/answers.ts";
import { describeEngines, describeNames } from "../engine/describe.ts";
import type { Origin } from "../http/server.ts";
import { explainStartError } from "../http/start-error.ts";
import { outliveReaders } from "../log.ts";
import { listenForStop } from "../process/stop-signals.ts";
import { readSettings } from "../settings.ts";
import {
  edgeUrl,
  type LocalEdgeSettings,
  ownUrl,
  readDevVars,
  readEdgeSettings,
} from "./edge-settings.ts";
import { type LocalEdge, requireFreePort, startLocalEdge } from "./local-edge.ts";

/** The whole system on one machine, for development: the origin in this process, the edge beside it. */
async function start(): Promise<void> {
  const edgeSettings = readEdgeSettings(process.env, await readDevVars());
  // The edge has a line for each request: the origin's would say it twice.
  const settings = readSettings({ ...process.env, LOG_LEVEL: process.env.LOG_LEVEL || "warn" });
  await requireFreePort(edgeSettings);
  const url = edgeUrl(edgeSettings);
  const { host, port, drainSeconds } = settings;
  process.stdout.write(`Starting the edge on ${url} and the origin on ${host}:${port}.\n`);

  const stop = listenForStop(() => 0);
  outliveReaders();
  const edge = startLocalEdge({
    ...edgeSettings,
    drainSeconds,
    logLevel: process.env.LOG_LEVEL ? settings.logLevel : "info",
  });
  let origin: Origin | undefined;
  try {
    // Loaded while the edge is.
    const { startOrigin } = await import("../http/server.ts");
    origin = await startOrigin(settings);
    if (!stop.signal.aborted) await Promise.race([stop.asked, serve(edge, edgeSettings, origin)]);
  } finally {
    // Windows has no signal at which workerd would finish its answers: those that run finish with the origin.
    if (process.platform === "win32") await origin?.close();
    // The edge waits for sockets to end, which do not by themselves.
    await Promise.all([origin?.closeSockets(), edge.stop()]);
    await origin?.close();
  }
}

/** Says when both can be asked. Rejects when the edge ends. */
async function serve(edge: LocalEdge, settings: LocalEdgeSettings, origin: Origin): Promise<never> {
  const listening = edge.serve(origin.url);
  void Promise.all([listening, origin.engines.settled()]).then(
    () => announce(settings, origin),
    () => {},
  );
  await listening;
  throw new Error(`The edge stopped by itself (${await edge.exited}).`);
}

async function announce(settings: LocalEdgeSettings, origin: Origin): Promise<void> {
  const lines = [
    `edge   ${edgeUrl(settings)}  (the real workerd; EDGE_HOST, EDGE_PORT), ${await whoMayAsk(settings)}`,
    `origin ${origin.url}  (Node; ORIGIN_PORT), ${describeEngines(origin.engines)}`,
    describeNames(origin.engines),
  ];
  process.stdout.write(`\n${lines.join("\n")}\n\n`);
}

async function whoMayAsk(settings: LocalEdgeSettings): Promise<string> {
  const answer = await fetch(`${ownUrl(settings)}/health`).then(
    (health) => health.json(),
    () => undefined,
  );
  const health = edgeHealthSchema.safeParse(answer);
  if (!health.success) return `not set up: see ${edgeUrl(settings)}/health`;
  return health.data.auth === "open"
    ? "open to anybody (AUTH in .dev.vars)"
    : "for holders of keys (npm run key -- create --name NAME)";
}

start().catch((cause: unknown) => {
  process.stderr.write(`${explainStartError(cause)}\n`);
  process.exitCode = 1;
});
