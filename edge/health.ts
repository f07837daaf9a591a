import type { Context } from "hono";
import type { EdgeHealth } from "../shared/answers.ts";
import { readAuthSettings } from "./auth/auth-settings.ts";
import type { EdgeEnv } from "./env.ts";
import { missingBindings } from "./missing-bindings.ts";
import { readiness } from "./origins/reachability.ts";
import { readSettings } from "./settings.ts";

const probeLimitMs = 1000;

/**
 * `GET /health`: 200 when at least one origin could speak right now, else 503. Origins go by their place in ORIGIN_URLS,
 * since their addresses are nobody's business.
 */
export async function reportHealth(c: Context<EdgeEnv>): Promise<Response> {
  const states = await Promise.all(
    readSettings(c.env).origins.map((origin) => readiness(origin, probeLimitMs)),
  );
  const ready = states.includes("ready");
  const health: EdgeHealth = {
    status: ready ? "ok" : "unavailable",
    auth: readAuthSettings(c.env).open ? "open" : "keys",
    origins: states.map((state, index) => ({ index, state })),
    missing_bindings: missingBindings(c.env),
  };
  return c.json(health, ready ? 200 : 503, { "cache-control": "no-store" });
}
