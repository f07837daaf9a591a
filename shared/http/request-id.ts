import type { MiddlewareHandler } from "hono";
import { requestId } from "hono/request-id";
import { type Correlation, readTraceContext } from "./trace-context.ts";

interface CorrelationEnv {
  Variables: { requestId: string; correlation: Correlation };
}

/**
 * Gives every request an id, or keeps a well-formed one it came with, or that of the trace that its `traceparent` says it is
 * part of, and returns it as `x-request-id`. It goes along from an edge to an origin, whose log has it as well, and so does
 * the trace.
 */
export function requestIds(): MiddlewareHandler<CorrelationEnv> {
  return async function correlate(c, next) {
    const trace = readTraceContext(c.req.raw.headers);
    const identify = requestId({
      headerName: "x-request-id",
      limitLength: 128,
      generator: () => trace?.traceId ?? `req_${crypto.randomUUID().replaceAll("-", "")}`,
    });
    return identify(c, async () => {
      c.set("correlation", { requestId: c.var.requestId, trace });
      await next();
    });
  };
}
