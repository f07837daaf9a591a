import type { Context, MiddlewareHandler } from "hono";
import { routePath } from "hono/route";
import { toApiError } from "../shared/http/errors.ts";
import { traceFields } from "../shared/http/trace-context.ts";
import type { EdgeEnv } from "./context.ts";
import { describeCause } from "./log-fault.ts";

/**
 * Logs each request as one line of JSON when its answer is over, a streamed one when its last byte is. The route stands
 * for the path, which is the client's own text; input, keys and query are never logged.
 */
export const requestLog: MiddlewareHandler<EdgeEnv> = async (c, next) => {
  const startedAt = Date.now();
  const answered = next();
  // Outlives the client: a request that is left alone is logged as well.
  c.executionCtx.waitUntil(answered.then(() => logOnceOver(c, startedAt)));
  await answered;
};

async function logOnceOver(c: Context<EdgeEnv>, startedAt: number): Promise<unknown> {
  const headMs = Date.now() - startedAt;
  const outcome = await c.var.outcome;
  const failure = outcome?.failure ?? (c.error && toApiError(c.error));
  const line = {
    id: c.var.requestId,
    ...traceFields(c.var.correlation.trace),
    method: c.req.method,
    route: routePath(c, -1),
    status: c.res.status,
    caller: c.var.caller?.id,
    head_ms: headMs,
    duration_ms: Date.now() - startedAt,
    source: c.var.source,
    audio_bytes: outcome?.audioBytes,
    code: failure?.code,
    cause: failure?.cause && describeCause(failure.cause),
  };
  console.log(JSON.stringify(line));
  return measure(c, { ...line, headMs });
}

interface Measured {
  route: string;
  status: number;
  headMs: number;
  duration_ms: number;
  source: string | undefined;
  audio_bytes: number | undefined;
  code: string | null | undefined;
}

/** The columns of a data point; edge/README.md has them for whoever asks the dataset. */
function measure(c: Context<EdgeEnv>, line: Measured): unknown {
  const { route, status, source, code, headMs, duration_ms, audio_bytes } = line;
  return c.env.METRICS?.writeDataPoint({
    blobs: [route, String(status), source ?? "", code ?? ""],
    doubles: [headMs, duration_ms, audio_bytes ?? 0],
    indexes: [source ?? "none"],
  });
}
