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
    void Promise.all([edge.ready, origin.engines.settled()]).then(([ready]) => {
      if (ready) announce(edgePort, origin);
    });
    const ending = await Promise.race([stopped, edge.exited]);
    if (ending === "stopped") await edge.stop();
    else throw new Error(`The edge stopped by itself (wrangler dev, exit code ${ending}).`);
  } finally {
    await origin.close();
  }
}

function announce(edgePort: number, origin: Awaited<ReturnType<typeof startOrigin>>): void {
  const lines = [
    `edge   http://localhost:${edgePort}  (wrangler dev: the real workerd; EDGE_PORT)`,
    `origin ${origin.url}  (Node; ORIGIN_PORT), ${describeEngines(origin.engines)}`,
  ];
  process.stdout.write(`\n${lines.join("\n")}\n\n`);
}

start().catch((cause: unknown) => {
  process.stderr.write(`${explainStartError(cause)}\n`);
  process.exitCode = 1;
});
