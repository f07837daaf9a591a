import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Origin, startOrigin } from "../../origin/http/server.ts";
import { readSettings } from "../../origin/settings.ts";
import { type EdgeOptions, type EdgeSettings, startEdge } from "./edge.ts";

export interface TestSystem {
  /** The edge's URL. */
  url: string;
  origin: Origin;
  close(): Promise<void>;
}

/** The real edge in workerd before the real origin in this process, both on free ports. */
export async function startSystem(
  environment: Record<string, string> = {},
  edgeSettings: EdgeSettings = {},
  edgeOptions: EdgeOptions = {},
): Promise<TestSystem> {
  const origin = await startTestOrigin(environment);
  const edge = await startEdge({ ORIGIN_URLS: origin.url, ...edgeSettings }, edgeOptions);
  return {
    url: edge.url,
    origin,
    async close() {
      await edge.close();
      await origin.close();
    },
  };
}

/** The real origin on a free port, silent, ready to speak. `environment` is set as an operator sets it. */
export async function startTestOrigin(environment: Record<string, string> = {}): Promise<Origin> {
  const settings = {
    ORIGIN_PORT: "0",
    LOG_LEVEL: "silent",
    DRAIN_SECONDS: "1",
    // They are made with the first voice and the first job.
    VOICES_DIR: join(tmpdir(), `tts-voices-${randomUUID()}`),
    JOBS_DIR: join(tmpdir(), `tts-jobs-${randomUUID()}`),
    ...environment,
  };
  const origin = await startOrigin(readSettings(settings));
  await origin.engines.settled();
  return origin;
}
