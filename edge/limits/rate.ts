import type { HonoRequest, MiddlewareHandler } from "hono";
import type { Caller } from "../auth/caller.ts";
import type { EdgeEnv } from "../context.ts";
import type { Env } from "../env.ts";
import { rateLimited } from "../errors.ts";
import { clientAddress } from "./client-address.ts";

/** The `period` of both bindings in wrangler.toml, which they do not tell. */
const periodSeconds = 60;

/** Counts the request for its caller: for the key, also when a token of it is used, or for the address. Throws a 429. */
export async function countCaller(env: Env, request: HonoRequest, caller: Caller): Promise<void> {
  if (caller.kind === "open") await countAddress(env, request);
  else await count(env.KEY_RATE, caller.id);
}

/** Counts the request for its client's address. Throws a 429. */
export async function countAddress(env: Env, request: HonoRequest): Promise<void> {
  const address = clientAddress(request.header("cf-connecting-ip"));
  if (address) await count(env.ADDRESS_RATE, address);
}

/** For routes that want no key. */
export const limitAddress: MiddlewareHandler<EdgeEnv> = async (c, next) => {
  await countAddress(c.env, c.req);
  await next();
};

async function count(rate: RateLimit | undefined, key: string): Promise<void> {
  const outcome = await rate?.limit({ key });
  if (outcome && !outcome.success) throw rateLimited(periodSeconds);
}
