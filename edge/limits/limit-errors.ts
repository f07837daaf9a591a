import { ApiError } from "../../shared/api-error.ts";
import type { Allowance } from "./usage.ts";

/** OpenAI's SDKs do not heed a `Retry-After` that is longer. */
const maxRetryAfterSeconds = 60;

/** 429: too many requests at once; a later one is welcome. */
export function rateLimited(
  retryAfterSeconds: number,
  headers: Record<string, string> = {},
): ApiError {
  return new ApiError({
    status: 429,
    type: "rate_limit_error",
    code: "rate_limit_exceeded",
    message: `Too many requests. Try again in ${retryAfterSeconds} seconds.`,
    headers: { ...headers, "retry-after": String(retryAfterSeconds) },
  });
}

/** 429: the day's characters do not suffice; no retry of an SDK will find more. */
export function quotaExceeded(
  asked: number,
  left: Allowance,
  headers: Record<string, string>,
): ApiError {
  return new ApiError({
    status: 429,
    type: "insufficient_quota",
    code: "insufficient_quota",
    message: `The input has ${asked} characters; this key has ${left.remaining} of ${left.limit} left today. The next day begins in ${left.resetSeconds} seconds.`,
    headers: {
      ...headers,
      "retry-after": String(Math.min(maxRetryAfterSeconds, left.resetSeconds)),
      "x-should-retry": "false",
    },
  });
}
