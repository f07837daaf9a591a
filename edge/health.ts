import type { Context } from "hono";
import type { EdgeHealth } from "../shared/answers.ts";
import { catalogueDigest } from "../shared/catalogue-digest.ts";
import { bindingKinds } from "./bindings.ts";
import type { EdgeEnv } from "./context.ts";
import type { BindingKinds, Env } from "./env.ts";
import { readiness } from "./origins/reachability.ts";
import { requireOrigins, settingsOf } from "./settings.ts";

const probeLimitMs = 1000;

const kinds: BindingKinds = bindingKinds;

/**
 * `GET /health`: 200 when at least one origin could speak right now, else 503. Origins go by their place in ORIGIN_URLS,
 * since their addresses are nobody's business. Throws a 500 that names the setting this server is not well set up with.
 */
export async function reportHealth(c: Context<EdgeEnv>): Promise<Response> {
  const settings = settingsOf(c.env);
  const states = await Promise.all(
    requireOrigins(settings).map((origin) => readiness(origin, probeLimitMs)),
  );
  const ready = states.includes("ready");
  const health: EdgeHealth = {
    status: ready ? "ok" : "unavailable",
    auth: settings.isOpen ? "open" : "keys",
    origins: states.map((state, index) => ({ index, state })),
    missing_bindings: missingBindings(c.env),
    catalogue: await catalogueDigest(settings.catalogue),
  };
  return c.json(health, ready ? 200 : 503, { "cache-control": "no-store" });
}

/** The resources this deployment was not given. It works without them, but what they are for is off. */
function missingBindings(env: Env): string[] {
  return (Object.keys(bindingKinds) as (keyof typeof bindingKinds)[]).filter((name) => {
    const isResource = kinds[name] !== "var" && kinds[name] !== "secret";
    return isResource && env[name] === undefined;
  });
}
