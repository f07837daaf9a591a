import type { MiddlewareHandler } from "hono";
import { routePath } from "hono/route";
import { toApiError } from "../../shared/http/errors.ts";
import { traceFields } from "../../shared/http/trace-context.ts";
import type { Logger } from "../log.ts";
import type { Metrics } from "../metrics.ts";
import type { OriginEnv } from "./context.ts";

/** Gives each request a logger that knows its id, and writes one line about what it was answered with, and why not. */
export function accessLog(log: Logger, metrics: Metrics): MiddlewareHandler<OriginEnv> {
  return async function logAccess(c, next) {
    const start = performance.now();
    const { requestId, trace } = c.var.correlation;
    c.set("log", log.child({ requestId, ...traceFields(trace) }));
    await next();
    const route = routePath(c, -1);
    const { status } = c.res;
    metrics.requests.inc({ route, status });
    const headSeconds = (performance.now() - start) / 1000;
    const facts = { method: c.req.method, route, status, headSeconds };
    const error = c.error && toApiError(c.error);
    if (!error) return c.var.log.info(facts, "answered");
    const { code, param } = error;
    // 503 is an answer, not a fault: the server is starting, stopping or full.
    const isRefused = status < 500 || status === 503;
    if (isRefused) return c.var.log.warn({ ...facts, code, param }, "request refused");
    const err = error.cause ?? error.message;
    c.var.log.error({ ...facts, code, param, err }, "request failed");
  };
}
