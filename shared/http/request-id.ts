import type { MiddlewareHandler } from "hono";
import { requestId } from "hono/request-id";

/** Gives every request an id, or keeps a well-formed one it came with, and returns it as `x-request-id`. */
export function requestIds(): MiddlewareHandler<{ Variables: { requestId: string } }> {
  return requestId({
    headerName: "x-request-id",
    limitLength: 128,
    generator: () => `req_${crypto.randomUUID().replaceAll("-", "")}`,
  });
}
