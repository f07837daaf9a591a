import { build } from "esbuild";
import { Miniflare } from "miniflare";
import { afterAll, beforeAll, expect, test } from "vitest";
import { restOfDay } from "../../support/rest-of-period.ts";

/** The real middleware and account, before handlers that fail at moments which the edge's own seldom do. */
const worker = `
  import { Hono } from "hono";
  import { reserveCharacters } from "./edge/limits/reserve-characters.ts";
  export { Quota } from "./edge/limits/quota.ts";

  const app = new Hono();
  app.use(async (c, next) => {
    c.set("caller", { id: c.req.query("key"), limits: { charactersPerDay: 100 } });
    c.req.addValidatedData("json", { input: c.req.query("input") });
    await next();
  }, reserveCharacters);
  app.onError((_, c) => c.body(null, 500));
  app.get("/spoken", (c) => c.text("spoken"));
  app.get("/thrown", () => { throw new Error("lost"); });
  app.get("/unread", (c) => {
    // As for a speech that was found, whose first byte nobody will read.
    c.set("outcome", new Promise(() => {}));
    throw new Error("lost");
  });
  export default app;
`;

let miniflare: Miniflare;
let url: URL;

beforeAll(async () => {
  const { outputFiles } = await build({
    stdin: { contents: worker, resolveDir: "." },
    bundle: true,
    external: ["cloudflare:workers"],
    format: "esm",
    target: "es2023",
    write: false,
  });
  miniflare = new Miniflare({
    cf: false,
    compatibilityDate: "2026-10-23",
    modules: [{ type: "ESModule", path: "worker.js", contents: outputFiles[0]?.text ?? "" }],
    durableObjects: { QUOTAS: { className: "Quota", useSQLite: true } },
  });
  url = await miniflare.ready;
});

afterAll(() => miniflare.dispose());

const ask = (path: string, key: string, input = "") =>
  fetch(new URL(`${path}?${new URLSearchParams({ key, input })}`, url));

test.each(["/thrown", "/unread"])(
  "characters are given back when the handler throws (%s)",
  async (path) => {
    await restOfDay(20);
    const left = async () =>
      (await ask("/spoken", path)).headers.get("x-ratelimit-remaining-characters");
    expect((await ask("/spoken", path, "1234567890")).status).toBe(200);
    expect(await left()).toBe("90");
    expect((await ask(path, path, "12345")).status).toBe(500);
    await expect.poll(left).toBe("90");
  },
);
