import type { Context, MiddlewareHandler } from "hono";
import { routePath } from "hono/route";
import { toApiError } from "../shared/http/errors.ts";
import { traceFields } from "../shared/http/trace-context.ts";
import type { AskedSpeech, EdgeEnv } from "./context.ts";
import type { Env } from "./env.ts";
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
  return measure(c.env, { ...line, headMs, asked: c.var.asked });
}

export interface Measured {
  route: string;
  status: number;
  /** To the head, which of streamed speech leaves with its first sound. */
  headMs: number;
  duration_ms: number;
  source: string | undefined;
  audio_bytes: number | undefined;
  code: string | null | undefined;
  asked: AskedSpeech | undefined;
}

/** Writes a data point; edge/README.md has its columns for whoever asks the dataset. */
export function measure({ METRICS }: Pick<Env, "METRICS">, measured: Measured): unknown {
  const { route, status, source, code, asked, headMs, duration_ms, audio_bytes } = measured;
  const { model = "", format = "", delivery = "" } = asked ?? {};
  return METRICS?.writeDataPoint({
    blobs: [route, String(status), source ?? "", code ?? "", model, format, delivery],
    doubles: [headMs, duration_ms, audio_bytes ?? 0],
    indexes: [source ?? "none"],
  });
}
