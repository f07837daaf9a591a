import type { MiddlewareHandler } from "hono";
import { cors } from "hono/cors";

/**
 * Says of every answer that pages of any site may have it (as in `<audio src>`, where a page's own policy wants that
 * said), and that it is what its `Content-Type` says.
 */
export const openResources: MiddlewareHandler = async (c, next) => {
  c.res.headers.set("cross-origin-resource-policy", "cross-origin");
  c.res.headers.set("x-content-type-options", "nosniff");
  await next();
};

/** Answers browsers from any page. Requested headers are reflected: the SDKs send `X-Stainless-*` in many forms. */
export function openCors(): MiddlewareHandler {
  return cors({
    origin: "*",
    allowMethods: ["GET", "HEAD", "POST", "DELETE", "OPTIONS"],
    exposeHeaders: [
      "x-request-id",
      "retry-after",
      "x-should-retry",
      "x-model",
      "x-voice",
      "x-resolved-model",
      "x-speaker",
      "x-engine",
      "x-speech",
      "x-seed",
      "x-sample-rate",
      "x-ignored-fields",
      "x-ignored-elements",
      "x-cache",
      "cache-status",
      "age",
      "etag",
      "content-location",
      "location",
      "content-range",
      "accept-ranges",
      "www-authenticate",
      "x-ratelimit-limit-requests",
      "x-ratelimit-remaining-requests",
      "x-ratelimit-reset-requests",
      "x-ratelimit-limit-characters",
      "x-ratelimit-remaining-characters",
      "x-ratelimit-reset-characters",
    ],
    maxAge: 24 * 60 * 60,
  });
}
