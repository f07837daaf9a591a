import type { Context } from "hono";
import type { EdgeEnv } from "../context.ts";

/** Asks Cloudflare's assets for a file of the page, by the path as it is routed; undefined without the binding. */
export async function fetchAsset(c: Context<EdgeEnv>): Promise<Response | undefined> {
  const known = c.req.header("if-none-match");
  return c.env.ASSETS?.fetch(new URL(c.req.path, c.req.url), {
    headers: known === undefined ? {} : { "if-none-match": known },
  });
}
