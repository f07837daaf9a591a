import type { HonoRequest, MiddlewareHandler } from "hono";
import type { Caller } from "../auth/caller.ts";
import type { EdgeEnv } from "../context.ts";
import type { Env } from "../env.ts";
import { rateLimited } from "../errors.ts";
import { clientAddress } from "./client-address.ts";

/** The `period` of all bindings in wrangler.toml, which they do not tell. */
const periodSeconds = 60;

/** Counts the request for its caller: for the key, also when a token of it is used, or for the address. Throws a 429. */
export async function countCaller(env: Env, request: HonoRequest, caller: Caller): Promise<void> {
  if (caller.kind === "open") await countAddress(env, request);
  else await count(env.KEY_RATE, caller.id);
}

/** Counts what else one request asks for, as many requests. Throws a 429. */
export async function countMore(
  env: Env,
  request: HonoRequest,
  caller: Caller,
  requests: number,
): Promise<void> {
  await Promise.all(Array.from({ length: requests }, () => countCaller(env, request, caller)));
}

/** Counts the request for its client's address. Throws a 429. */
export function countAddress(env: Env, request: HonoRequest): Promise<void> {
  return countFrom(env.ADDRESS_RATE, request);
}

/**
 * Counts a request with a good link for its client's address. Apart from others, and generously: a page has many players,
 * each asks for a file in several ranges, and many people may share an address. Throws a 429.
 */
export function countLink(env: Env, request: HonoRequest): Promise<void> {
  return countFrom(env.LINK_RATE, request);
}

/** For routes that want no key. */
export const limitAddress: MiddlewareHandler<EdgeEnv> = async (c, next) => {
  await countAddress(c.env, c.req);
  await next();
};

async function countFrom(rate: RateLimit | undefined, request: HonoRequest): Promise<void> {
  const address = clientAddress(request.header("cf-connecting-ip"));
  if (address) await count(rate, address);
}

async function count(rate: RateLimit | undefined, key: string): Promise<void> {
  const outcome = await rate?.limit({ key });
  if (outcome && !outcome.success) throw rateLimited(periodSeconds);
}
