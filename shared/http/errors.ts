import { HTTPException } from "hono/http-exception";
import { ApiError, invalidRequest, serverError } from "../api-error.ts";

/** What the client is told of a failure. Anything that is not meant for it becomes a bare 500. */
export function toApiError(cause: unknown): ApiError {
  if (cause instanceof ApiError) return cause;
  // Hono's validator throws this for a body that JSON.parse refuses.
  if (cause instanceof HTTPException && cause.status === 400) {
    return invalidJson();
  }
  return serverError("The server failed to answer this request.", { cause });
}

export function invalidJson(): ApiError {
  return invalidRequest("invalid_json", "The body must be JSON; it could not be parsed.");
}

/** Answers with the one error envelope. */
export function errorResponse(error: ApiError): Response {
  return Response.json(error.envelope, { status: error.status, headers: error.headers });
}
