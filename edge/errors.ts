import { ApiError } from "../shared/api-error.ts";

const retryAfterSeconds = 5;

/** 401 with the challenge of RFC 6750, section 3, which names no error to who has shown nothing. */
export function unauthorized(
  code: string,
  message: string,
  challenge = 'Bearer error="invalid_token"',
): ApiError {
  return new ApiError({
    status: 401,
    type: "invalid_request_error",
    code,
    message,
    headers: { "www-authenticate": challenge },
  });
}

/** 403: the caller is known, and may not. */
export function forbidden(code: string, message: string, param: string | null = null): ApiError {
  return new ApiError({ status: 403, type: "permission_error", code, message, param });
}

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

/** 502: an origin, or a proxy in front of it, answered with something that is no whole speech answer. */
export function badGateway(message: string, cause?: unknown): ApiError {
  return gatewayError(502, "bad_gateway", message, cause);
}

/** 503: no origin could be reached; hits are still served, and origins come back. */
export function originUnreachable(cause: unknown): ApiError {
  return new ApiError({
    status: 503,
    type: "service_unavailable_error",
    code: "origin_unreachable",
    message: "No speech origin can be reached at present.",
    headers: { "retry-after": String(retryAfterSeconds) },
    cause,
  });
}

/** 503: so many ask for one file that the object they meet in takes no more of them; soon it is in the cache. */
export function flightOverloaded(cause: unknown): ApiError {
  return new ApiError({
    status: 503,
    type: "service_unavailable_error",
    code: "server_is_overloaded",
    message: "Too many ask for this speech at once.",
    headers: { "retry-after": String(retryAfterSeconds) },
    cause,
  });
}

/** 503: as many recordings are being uploaded through this isolate as it has room for. */
export function tooManyUploads(): ApiError {
  return new ApiError({
    status: 503,
    type: "service_unavailable_error",
    code: "server_is_overloaded",
    message: "Too many recordings are being uploaded at once.",
    headers: { "retry-after": String(retryAfterSeconds) },
  });
}

/** 504: the origin was silent for too long in the midst of its answer. */
export function originTimeout(limitSeconds: number): ApiError {
  const message = `The speech origin sent nothing for ${limitSeconds} seconds.`;
  return gatewayError(504, "origin_timeout", message);
}

/** 499, as nginx calls it: nobody is left to read it but the log. */
export function clientLeft(): ApiError {
  return gatewayError(499, "client_left", "The client closed the connection before the end.");
}

/** A controller that is aborted with a 499 when the client leaves, and at once for one who has left by now. */
export function leaving(client: AbortSignal): AbortController {
  const left = new AbortController();
  const onAbort = () => left.abort(clientLeft());
  if (client.aborted) onAbort();
  else client.addEventListener("abort", onAbort, { once: true });
  return left;
}

function gatewayError(status: number, code: string, message: string, cause?: unknown): ApiError {
  return new ApiError({ status, type: "server_error", code, message, cause });
}

/** 500: this server cannot work as it was set up. `problem` is fit for the client; the cause is for the log. */
export function misconfigured(problem: string, cause?: unknown): ApiError {
  return new ApiError({
    status: 500,
    type: "server_error",
    code: "misconfigured",
    message: `This server is not set up: ${problem}.`,
    headers: { "x-should-retry": "false" },
    cause,
  });
}
