import * as z from "zod";
import type { UnavailableCode } from "./unavailable-codes.ts";

/** The body of every error answer: `error` for the OpenAI SDKs, `detail` for clients that read a bare message. */
export const errorEnvelopeSchema = z.object({
  error: z.object({
    message: z.string(),
    type: z.string(),
    param: z.string().nullable(),
    code: z.string().nullable(),
  }),
  detail: z.string(),
});

export type ErrorEnvelope = z.infer<typeof errorEnvelopeSchema>;

interface ApiErrorOptions {
  status: number;
  type: string;
  message: string;
  /** The request field at fault. */
  param?: string | null;
  /** A word for programs; the SDKs show it as `error.code`. */
  code?: string | null;
  headers?: Record<string, string>;
  cause?: unknown;
}

/** A failure the client is told about. Thrown anywhere; `shared/http/errors.ts` turns it into the answer. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  readonly type: string;
  readonly param: string | null;
  readonly code: string | null;
  readonly headers: Record<string, string>;

  constructor(options: ApiErrorOptions) {
    super(options.message, { cause: options.cause });
    this.status = options.status;
    this.type = options.type;
    this.param = options.param ?? null;
    this.code = options.code ?? null;
    this.headers = options.headers ?? {};
  }

  get envelope(): ErrorEnvelope {
    const { message, type, param, code } = this;
    return { error: { message, type, param, code }, detail: message };
  }
}

/** The error another program of ours answered with. */
export function fromEnvelope(
  status: number,
  { error }: ErrorEnvelope,
  headers: Record<string, string> = {},
): ApiError {
  return new ApiError({ status, ...error, headers });
}

/** 400: the request can never succeed as it is. `param` is the field at fault. */
export function invalidRequest(
  code: string,
  message: string,
  param: string | null = null,
): ApiError {
  return new ApiError({ status: 400, type: "invalid_request_error", code, message, param });
}

/** 404: the route, or the thing named in it, does not exist. */
export function notFound(code: string, message: string): ApiError {
  return new ApiError({ status: 404, type: "invalid_request_error", code, message });
}

/**
 * 500: the server failed. `repeats` marks a failure that the same request would meet again, so that SDKs do not retry.
 */
export function serverError(
  message: string,
  options: { repeats?: boolean; cause?: unknown } = {},
): ApiError {
  return new ApiError({
    status: 500,
    type: "server_error",
    code: "server_error",
    message,
    headers: options.repeats ? { "x-should-retry": "false" } : {},
    cause: options.cause,
  });
}

/**
 * 503 with `Retry-After` in whole seconds, kept within the 1 to 60 that every SDK honours. `repeats` as for `serverError`,
 * and then the seconds may be more.
 */
export function unavailable(
  code: UnavailableCode,
  message: string,
  retryAfterSeconds: number,
  options: { repeats?: boolean } = {},
): ApiError {
  const mostSeconds = options.repeats ? Number.POSITIVE_INFINITY : 60;
  const seconds = Math.min(mostSeconds, Math.max(1, Math.ceil(retryAfterSeconds)));
  return new ApiError({
    status: 503,
    type: "service_unavailable_error",
    code,
    message,
    headers: {
      "retry-after": String(seconds),
      ...(options.repeats ? { "x-should-retry": "false" } : {}),
    },
  });
}
