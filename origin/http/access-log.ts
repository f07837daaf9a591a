import type { MiddlewareHandler } from "hono";
import { routePath } from "hono/route";
import type { Logger } from "../log.ts";
import type { Metrics } from "../metrics.ts";
import type { OriginEnv } from "./context.ts";

/** Gives each request a logger that knows its id, and notes what it was answered with. */
export function accessLog(log: Logger, metrics: Metrics): MiddlewareHandler<OriginEnv> {
  return async function logAccess(c, next) {
    const start = performance.now();
    c.set("log", log.child({ requestId: c.var.requestId }));
    await next();
    const route = routePath(c, -1);
    metrics.requests.inc({ route, status: c.res.status });
    c.var.log.info(
      {
        method: c.req.method,
        route,
        status: c.res.status,
        headSeconds: (performance.now() - start) / 1000,
      },
      "answered",
    );
  };
}
