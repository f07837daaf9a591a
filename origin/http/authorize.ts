import { createHash, timingSafeEqual } from "node:crypto";
import type { HonoRequest, MiddlewareHandler } from "hono";
import { ApiError } from "../../shared/api-error.ts";
import { shownKey } from "../../shared/http/shown-key.ts";

/** Lets a request pass that shows one of the tokens as its key; all requests when there are none. */
export function authorize(tokens: readonly string[]): MiddlewareHandler {
  return async function authorizeRequest(c, next) {
    if (tokens.length > 0 && !showsToken(c.req, tokens)) throw unauthorized(!tokenOf(c.req));
    await next();
  };
}

/** Whether a request shows one of the tokens. */
export function showsToken(request: HonoRequest, tokens: readonly string[]): boolean {
  const given = digest(tokenOf(request) ?? "");
  return tokens.some((token) => timingSafeEqual(digest(token), given));
}

function tokenOf(request: HonoRequest): string | undefined {
  return /^Bearer +(\S+)$/i.exec(shownKey(request).authorization ?? "")?.[1];
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
