import type { Context, Hono, MiddlewareHandler, NotFoundHandler } from "hono";
import { getPath } from "hono/utils/url";
import { type ApiError, invalidRequest, notFound } from "../api-error.ts";
import { brief } from "../wire-values.ts";
import { errorResponse } from "./errors.ts";
import { allowedMethods } from "./methods.ts";

/** The longest path of the API has this many parts, with some to spare. */
const maxParts = 8;

/**
 * The path that a request is routed by, for Hono's `getPath`: with single slashes and none at its end, as it was meant by
 * a client that joins a base URL and a path without looking.
 */
export function tidyPath(request: Request): string {
  const path = getPath(request).replace(/\/{2,}/g, "/");
  return path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
}

/** Refuses a request whose `Host` makes no URL of its address (RFC 9112, section 3.2): everything else may rely on one. */
export const requireUrl: MiddlewareHandler = async (c, next) => {
  if (!URL.canParse(c.req.url)) throw invalidHost(c.req.header("host"));
  await next();
};

export function invalidHost(host: string | undefined): ApiError {
  const message = `Host must be a host's name or address, with or without a port; got ${brief(host)}`;
  return invalidRequest("invalid_host", message);
}

/** For `app.notFound`: says what is not there, and which path of this app was probably meant. */
export function pathNotFound(app: Pick<Hono, "router">): NotFoundHandler {
  return (c: Context) => {
    const { method, path } = c.req;
    const meant = findMeant(path, app);
    const message = [
      `There is no ${method} ${path} here${meant ? `; the path is ${meant}` : ""}.`,
      ...(meant?.startsWith("/v1/") ? ["A client's base URL ends with one /v1."] : []),
    ];
    return errorResponse(notFound("unknown_url", message.join(" ")));
  };
}

/** A served path that ends like this one: where /v1 is missing or twice there, or something stands before it. */
function findMeant(path: string, app: Pick<Hono, "router">): string | undefined {
  const parts = path.split("/").slice(1);
  if (parts.length > maxParts) return undefined;
  return parts
    .map((_, i) => parts.slice(i).join("/"))
    .flatMap((end) => [`/v1/${end}`, `/${end}`])
    .find((candidate) => candidate !== path && allowedMethods(app, candidate));
}
