import { type Context, type Env, Hono } from "hono";
import { onlyMethods } from "./methods.ts";

/** Nothing but what this server itself serves; what the page plays, it has in memory. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "media-src 'self' blob:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

/** Of the page's files, whose names change with their content. */
const assetHeaders = {
  "cache-control": "public, max-age=31536000, immutable",
  "cross-origin-resource-policy": "same-origin",
  "x-content-type-options": "nosniff",
};

/** Of the page itself, which is asked for each time and is mostly still the same. */
const pageHeaders = {
  "cache-control": "no-cache",
  "content-security-policy": contentSecurityPolicy,
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  // Voices are recorded with it, when whoever uses the page says so.
  "permissions-policy": "camera=(), geolocation=(), microphone=(self), payment=(), usb=()",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};

/** The names of the headers that the page's answers have, which a 304 is to have as well. */
export const pageHeaderNames: readonly string[] = Object.keys({ ...pageHeaders, ...assetHeaders });

/**
 * The playground at `/`, the reference of the API at `/docs`, and their files below `/assets`. `fetchFile` answers as a file server does, with an `ETag` and a
 * 304 where `If-None-Match` has it, or with undefined or a 404 where there is no such file.
 */
export function pageRoutes<E extends Env>(
  fetchFile: (c: Context<E>) => Promise<Response | undefined>,
): Hono<E> {
  const app = new Hono<E>();
  const serve = (headers: Record<string, string>) => async (c: Context<E>) => {
    const file = await fetchFile(c);
    if (!file || file.status === 404) return c.notFound();
    // Headers of the context's go before those of what is answered with.
    for (const [name, value] of Object.entries(headers)) c.res.headers.set(name, value);
    return new Response(file.body, file);
  };
  for (const path of ["/", "/docs"]) {
    app.get(path, serve(pageHeaders));
    app.all(path, onlyMethods("GET"));
  }
  app.get("/assets/:name", serve(assetHeaders));
  return app;
}
