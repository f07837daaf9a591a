import type { MiddlewareHandler } from "hono";
import { ApiError } from "../../shared/api-error.ts";
import { toApiError } from "../../shared/http/errors.ts";
import type { SpeechRequest } from "../../shared/speech-request.ts";
import { countCodePoints } from "../../shared/text-rules.ts";
import type { Caller } from "../auth/caller.ts";
import type { CallerEnv } from "../context.ts";
import type { Env } from "../env.ts";
import { misconfigured, rateLimited } from "../errors.ts";
import { logFault } from "../log-fault.ts";
import { type Allowance, dayOf, type Reservation } from "./usage.ts";

/** OpenAI's SDKs do not heed a `Retry-After` that is longer. */
const maxRetryAfterSeconds = 60;

/**
 * Takes a valid speech request from what its key has left, before any work is done, and gives the characters back when
 * the answer fails. A client that leaves, or reads too slowly, pays: the work was done for it. Throws a 429.
 */
export const reserveCharacters: MiddlewareHandler<
  CallerEnv,
  string,
  { out: { json: SpeechRequest } }
> = async (c, next) => {
  const characters = countCodePoints(c.req.valid("json").input);
  const taken = await takeCharacters(c.env, c.var.caller, { characters });
  if (!taken) return next();
  await next();
  if (!c.error) {
    for (const [name, value] of Object.entries(taken.headers)) c.res.headers.set(name, value);
  }
  const settle = async () => {
    const failure = c.error ? toApiError(c.error) : (await c.var.outcome)?.failure;
    if (failure && !isClientsDoing(failure)) await taken.giveBack(characters);
  };
  c.executionCtx.waitUntil(settle());
};

/** What has been taken from what a key has left. */
export interface TakenCharacters {
  /** What is left, for the answer. */
  headers: Record<string, string>;
  /** Never rejects. */
  giveBack(characters: number): Promise<void>;
}

/**
 * Takes requests, one by default, and their characters from what the caller's key has left; undefined where nothing limits
 * it. Throws a 429, which no retry will help where there are more requests than a minute ever has.
 */
export async function takeCharacters(
  env: Env,
  { id, limits }: Caller,
  { characters, requests = 1 }: { characters: number; requests?: number },
): Promise<TakenCharacters | undefined> {
  if (Object.keys(limits).length === 0) return undefined;
  if (!env.QUOTAS) throw misconfigured(`the limits of the key ${id} need the binding QUOTAS`);
  const quota = env.QUOTAS.getByName(id);
  const reservation = await quota.reserve(characters, limits, requests);
  const headers = limitHeaders(reservation);
  const { exceeded, day } = reservation;
  const left = exceeded && reservation[exceeded];
  if (left && exceeded === "characters") throw quotaExceeded(characters, left, headers);
  if (left && requests > left.limit) throw tooManyAtOnce(requests, left, headers);
  if (left) throw rateLimited(left.resetSeconds, headers);
  return {
    headers,
    async giveBack(count) {
      if (count === 0) return;
      try {
        await quota.refund(count, day);
      } catch (cause) {
        logFault("characters could not be given back", cause);
      }
    },
  };
}

/** Gives characters back that were taken at that time, in Unix seconds, long after. Never rejects. */
export async function giveBackLater(
  env: Env,
  { id, limits }: Caller,
  characters: number,
  takenAt: number,
): Promise<void> {
  if (limits.charactersPerDay === undefined) return;
  try {
    await env.QUOTAS?.getByName(id).refund(characters, dayOf(takenAt * 1000));
  } catch (cause) {
    logFault("characters could not be given back", cause);
  }
}

/** Whether the work was done for somebody who did not take it. */
export function isClientsDoing({ code }: ApiError): boolean {
  return code === "client_left" || code === "client_too_slow";
}

/** Named as OpenAI names its own, for the unit that is counted here. */
function limitHeaders(reservation: Reservation): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const unit of ["requests", "characters"] as const) {
    const allowance = reservation[unit];
    if (!allowance) continue;
    headers[`x-ratelimit-limit-${unit}`] = String(allowance.limit);
    headers[`x-ratelimit-remaining-${unit}`] = String(allowance.remaining);
    headers[`x-ratelimit-reset-${unit}`] = `${allowance.resetSeconds}s`;
  }
  return headers;
}

/** 429: more at once than are allowed in a minute. */
function tooManyAtOnce(
  requests: number,
  { limit }: Allowance,
  headers: Record<string, string>,
): ApiError {
  return new ApiError({
    status: 429,
    type: "rate_limit_error",
    code: "rate_limit_exceeded",
    message: `The batch has ${requests} items, each of which counts as a request; this key may make ${limit} a minute.`,
    headers: { ...headers, "x-should-retry": "false" },
  });
}

/** 429: the day's characters do not suffice; no retry of an SDK will find more. */
export function quotaExceeded(
  asked: number,
  left: Allowance,
  headers: Record<string, string>,
): ApiError {
  return new ApiError({
    status: 429,
    type: "insufficient_quota",
    code: "insufficient_quota",
    message: `The input has ${asked} characters; this key has ${left.remaining} of ${left.limit} left today. The next day begins in ${left.resetSeconds} seconds.`,
    headers: {
      ...headers,
      "retry-after": String(Math.min(maxRetryAfterSeconds, left.resetSeconds)),
      "x-should-retry": "false",
    },
  });
}
