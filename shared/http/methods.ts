import type { Handler, Hono, MiddlewareHandler } from "hono";
import { matchedRoutes } from "hono/route";
import { ApiError } from "../api-error.ts";

/** What each handler of `onlyMethods` allows. */
const allowedBy = new WeakMap<object, readonly string[]>();

/** Answers 405 with `Allow`. Mount with `app.all(path, ...)` after the path's own handlers, of every path there is. */
export function onlyMethods(...methods: string[]): Handler {
  const taken = methods.includes("GET") ? ["GET", "HEAD", ...methods.slice(1)] : methods;
  const allowed = [...taken, "OPTIONS"];
  const refuseMethod: Handler = (c) => {
    throw new ApiError({
      status: 405,
      type: "invalid_request_error",
      code: "method_not_allowed",
      message: `${c.req.path} takes ${taken.join(", ")}; got ${c.req.method}`,
      headers: { allow: allowed.join(", ") },
    });
  };
  allowedBy.set(refuseMethod, allowed);
  return refuseMethod;
}

/** Says `Allow` to OPTIONS, of paths that there are. Mount before the middleware that answers it. */
export const tellMethods: MiddlewareHandler = async (c, next) => {
  if (c.req.method === "OPTIONS") {
    const allowed = ofHandlers(matchedRoutes(c).map(({ handler }) => handler));
    if (allowed) c.res.headers.set("allow", allowed.join(", "));
  }
  await next();
};

/** The methods a path of this app takes; undefined where there is no such path. */
export function allowedMethods(
  app: Pick<Hono, "router">,
  path: string,
): readonly string[] | undefined {
  const [matches] = app.router.match("OPTIONS", path);
  return ofHandlers(matches.map(([[handler]]) => handler));
}

function ofHandlers(handlers: readonly object[]): readonly string[] | undefined {
  return handlers.map((handler) => allowedBy.get(handler)).find((allowed) => allowed);
}
