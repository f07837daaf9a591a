import { edgeHealthSchema } from "../../shared/answers.ts";
import { describeEngines } from "../engine/describe.ts";
import { startOrigin } from "../server.ts";
import { readPort, readSettings } from "../settings.ts";
import { explainStartError } from "../start-error.ts";
import { startWranglerDev } from "./wrangler-dev.ts";

/** The whole system on one machine, for development: the origin in this process, the edge beside it. */
async function start(): Promise<void> {
  const edgePort = readPort(process.env, "EDGE_PORT", 8787);
  const origin = await startOrigin(readSettings({ LOG_LEVEL: "warn", ...process.env }));
  try {
    const edge = await startWranglerDev(edgePort, origin.url);
    const stopped = new Promise<"stopped">((resolve) => {
      for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
        process.once(signal, () => resolve("stopped"));
      }
    });
    void Promise.all([edge.ready, origin.engines.settled()]).then(async ([ready]) => {
      if (ready) await announce(`http://localhost:${edgePort}`, origin);
    });
    const ending = await Promise.race([stopped, edge.exited]);
    if (ending === "stopped") await edge.stop();
    else throw new Error(`The edge stopped by itself (wrangler dev, exit code ${ending}).`);
  } finally {
    await origin.close();
  }
}

type RunningOrigin = Awaited<ReturnType<typeof startOrigin>>;

async function announce(edge: string, origin: RunningOrigin): Promise<void> {
  const lines = [
    `edge   ${edge}  (wrangler dev: the real workerd; EDGE_PORT), ${await whoMayAsk(edge)}`,
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
