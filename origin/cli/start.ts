import { edgeHealthSchema } from "../../shared/answers.ts";
import { describeEngines } from "../engine/describe.ts";
import type { Origin } from "../http/server.ts";
import { explainStartError } from "../http/start-error.ts";
import { outliveReaders } from "../log.ts";
import { listenForStop } from "../process/stop-signals.ts";
import { readPort, readSettings } from "../settings.ts";
import { type LocalEdge, requireFreePort, startLocalEdge } from "./local-edge.ts";

/** The whole system on one machine, for development: the origin in this process, the edge beside it. */
async function start(): Promise<void> {
  const edgePort = readPort(process.env, "EDGE_PORT", 8787);
  const settings = readSettings({ LOG_LEVEL: "warn", ...process.env });
  await requireFreePort(edgePort);
  const edgeUrl = `http://localhost:${edgePort}`;
  const { host, port, drainSeconds, logLevel } = settings;
  process.stdout.write(`Starting the edge on ${edgeUrl} and the origin on ${host}:${port}.\n`);

  const stop = listenForStop(() => 0);
  outliveReaders();
  const edge = startLocalEdge({ port: edgePort, drainSeconds, logLevel });
  let origin: Origin | undefined;
  try {
    // Loaded while the edge is.
    const { startOrigin } = await import("../http/server.ts");
    origin = await startOrigin(settings);
    if (!stop.signal.aborted) await Promise.race([stop.asked, serve(edge, edgeUrl, origin)]);
  } finally {
    await edge.stop();
    await origin?.close();
  }
}

/** Says when both can be asked. Rejects when the edge ends. */
async function serve(edge: LocalEdge, edgeUrl: string, origin: Origin): Promise<never> {
  const listening = edge.serve(origin.url);
  void Promise.all([listening, origin.engines.settled()]).then(
    () => announce(edgeUrl, origin),
    () => {},
  );
  await listening;
  throw new Error(`The edge stopped by itself (${await edge.exited}).`);
}

async function announce(edge: string, origin: Origin): Promise<void> {
  const lines = [
    `edge   ${edge}  (the real workerd; EDGE_PORT), ${await whoMayAsk(edge)}`,
    `origin ${origin.url}  (Node; ORIGIN_PORT), ${describeEngines(origin.engines)}`,
  ];
  process.stdout.write(`\n${lines.join("\n")}\n\n`);
}

async function whoMayAsk(edge: string): Promise<string> {
  const answer = await fetch(`${edge}/health`).then(
    (health) => health.json(),
    () => undefined,
  );
  const health = edgeHealthSchema.safeParse(answer);
  if (!health.success) return `not set up: see ${edge}/health`;
  return health.data.auth === "open"
    ? "open to anybody (AUTH in .dev.vars)"
    : "for holders of keys";
}

start().catch((cause: unknown) => {
  process.stderr.write(`${explainStartError(cause)}\n`);
  process.exitCode = 1;
});
