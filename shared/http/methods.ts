import type { Handler } from "hono";
import { ApiError } from "../api-error.ts";

/** Answers 405 with `Allow`. Mount with `app.all(path, ...)` after the path's own handlers. */
export function onlyMethods(...methods: string[]): Handler {
  const allowed = methods.includes("GET") ? ["GET", "HEAD", ...methods.slice(1)] : methods;
  return (c) => {
    throw new ApiError({
      status: 405,
      type: "invalid_request_error",
      code: "method_not_allowed",
      message: `${c.req.path} takes ${allowed.join(", ")}; got ${c.req.method}`,
      headers: { allow: [...allowed, "OPTIONS"].join(", ") },
    });
  };
}
