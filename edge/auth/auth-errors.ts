import { ApiError } from "../../shared/api-error.ts";

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
