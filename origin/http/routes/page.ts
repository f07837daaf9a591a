import { type Context, Hono } from "hono";
import { compress } from "hono/compress";
import { etag, RETAINED_304_HEADERS } from "hono/etag";
import { pageHeaderNames, pageRoutes } from "../../../shared/http/page.ts";
import type { PageFiles } from "../../page/build-page.ts";
import type { OriginEnv } from "../context.ts";

const types: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
};

const retainedHeaders = [...RETAINED_304_HEADERS, ...pageHeaderNames];

let built: Promise<PageFiles> | undefined;

/** The playground, as the edge has it. It is built when it is first asked for, into memory: the disk may be read-only. */
export function playground(): Hono<OriginEnv> {
  const app = new Hono<OriginEnv>();
  for (const path of ["/", "/docs", "/assets/*"])
    app.use(path, compress(), etag({ retainedHeaders }));
  app.route("/", pageRoutes(fileOf));
  return app;
}

/** Undefined where there is no such file, or no page since its sources or esbuild were left out. */
async function fileOf(c: Context<OriginEnv>): Promise<Response | undefined> {
  const files = await pageFiles().catch((err: unknown) => {
    c.var.log.warn({ err }, "the page cannot be built");
    return undefined;
  });
  const name = { "/": "index.html", "/docs": "docs.html" }[c.req.path] ?? c.req.path.slice(1);
  const file = files?.get(name);
  const type = types[name.slice(name.lastIndexOf(".") + 1)] ?? "application/octet-stream";
  return file && new Response(file, { headers: { "content-type": type } });
}

/** Once for this process; what could not be built is tried again. */
function pageFiles(): Promise<PageFiles> {
  built ??= import("../../page/build-page.ts").then(({ buildPage }) => buildPage());
  const attempt = built;
  attempt.catch(() => {
    if (built === attempt) built = undefined;
  });
  return attempt;
}
