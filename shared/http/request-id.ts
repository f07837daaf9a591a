import type { MiddlewareHandler } from "hono";
import { requestId } from "hono/request-id";

/** https://www.w3.org/TR/trace-context/#traceparent-header */
const traceparent = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(?:-|$)/;

/**
 * Gives every request an id, or keeps a well-formed one it came with, or that of the trace that its `traceparent` says it is
 * part of, and returns it as `x-request-id`. It goes along from an edge to an origin, whose log has it as well.
 */
export function requestIds(): MiddlewareHandler<{ Variables: { requestId: string } }> {
  return requestId({
    headerName: "x-request-id",
    limitLength: 128,
    generator: (c) => {
      const [, traceId] = traceparent.exec(c.req.header("traceparent") ?? "") ?? [];
      // All zeros are no trace.
      if (traceId && /[^0]/.test(traceId)) return traceId;
      return `req_${crypto.randomUUID().replaceAll("-", "")}`;
    },
  });
}
