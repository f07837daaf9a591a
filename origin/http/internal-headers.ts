import type { MiddlewareHandler } from "hono";
import { batchHeader, callerHeader, deadlineHeader } from "../../shared/deadline.ts";
import { jobCallerHeader } from "../../shared/jobs/job-id.ts";
import type { OriginEnv } from "./context.ts";

/** Reads what an edge adds to a request for the origin alone. From anybody who is not trusted it counts for nothing. */
export function internalHeaders(isTrusted: boolean): MiddlewareHandler<OriginEnv> {
  return async function readInternalHeaders(c, next) {
    const text = c.req.header(deadlineHeader) ?? "";
    if (isTrusted && /^\d{1,9}$/.test(text)) c.set("deadlineMs", Number(text));
    if (isTrusted && c.req.header(batchHeader) !== undefined) c.set("urgency", "batch");
    const jobCaller = c.req.header(jobCallerHeader) ?? "";
    if (isTrusted && /^[\w-]{1,64}$/.test(jobCaller)) c.set("jobCaller", jobCaller);
    const caller = c.req.header(callerHeader) ?? "";
    if (isTrusted && /^[\w.-]{1,64}$/.test(caller)) c.set("caller", caller);
    await next();
  };
}
