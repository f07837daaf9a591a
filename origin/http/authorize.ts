import { createHash, timingSafeEqual } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import { ApiError } from "../../shared/api-error.ts";
import { shownKey } from "../../shared/http/shown-key.ts";

/** Lets a request pass that shows one of the tokens as its key; all requests when there are none. */
export function authorize(tokens: readonly string[]): MiddlewareHandler {
  const digests = tokens.map(digest);
  return async function authorizeRequest(c, next) {
    if (digests.length > 0) {
      const [, token] = /^Bearer +(\S+)$/i.exec(shownKey(c.req).authorization ?? "") ?? [];
      const given = digest(token ?? "");
      if (!digests.some((known) => timingSafeEqual(known, given))) throw unauthorized(!token);
    }
    await next();
  };
}

/** Digests have one length, which timingSafeEqual requires, and give nothing of the token away. */
function digest(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}

function unauthorized(missing: boolean): ApiError {
  return new ApiError({
    status: 401,
    type: "invalid_request_error",
    code: "invalid_api_key",
    message: missing
      ? "This server wants a bearer token in Authorization."
      : "The bearer token is not known here.",
    headers: { "www-authenticate": "Bearer" },
  });
}
