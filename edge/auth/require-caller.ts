import type { Context, HonoRequest, MiddlewareHandler } from "hono";
import { ApiError } from "../../shared/api-error.ts";
import type { Scope } from "../../shared/api-key.ts";
import { shownKey } from "../../shared/http/shown-key.ts";
import type { SpeechRequest } from "../../shared/speech-request.ts";
import type { CallerEnv, EdgeEnv } from "../context.ts";
import type { Env } from "../env.ts";
import { forbidden } from "../errors.ts";
import { clientAddress } from "../limits/client-address.ts";
import { createGuesses } from "../limits/guesses.ts";
import { countAddress, countCaller } from "../limits/rate.ts";
import { settingsOf } from "../settings.ts";
import { anybody, type Caller } from "./caller.ts";
import { identify } from "./identify.ts";
import { createKeyStore } from "./key-store.ts";

/** Of this isolate. */
const guesses = createGuesses();

/**
 * Lets a request pass whose caller is known, within the rate and has the scope; the rest finds them in `c.var.caller`.
 * Before the body is read, so that nobody unknown can have one parsed. Throws a 401, 403 or 429.
 */
export function requireCaller(scope: Scope): MiddlewareHandler<CallerEnv> {
  return async function requireKnownCaller(c, next) {
    const caller = await callerOf(c);
    c.set("caller", caller);
    await countCaller(c.env, c.req, caller);
    if (!caller.scopes.includes(scope)) {
      throw forbidden(
        "insufficient_scope",
        caller.kind === "open"
          ? `This server asks nobody for a key, and so has nothing with the scope ${scope}.`
          : `This needs a key or token with the scope ${scope}.`,
      );
    }
    await next();
  };
}

/** For what nobody is asked for a key. Mount it behind the limit of addresses. */
export const asAnybody: MiddlewareHandler<CallerEnv> = async (c, next) => {
  c.set("caller", anybody);
  await next();
};

/** Lets a valid speech request pass whose model the caller may use. Throws a 403. */
export const permitModel: MiddlewareHandler<
  CallerEnv,
  string,
  { out: { json: SpeechRequest } }
> = async (c, next) => {
  requireModel(c.var.caller, c.req.valid("json"));
  await next();
};

/** Throws a 403 for a model that the caller may not use. */
export function requireModel(
  { models }: Pick<Caller, "models">,
  { modelId, model }: Pick<SpeechRequest, "modelId" | "model">,
): void {
  if (models.includes(model)) return;
  throw forbidden("model_not_allowed", `This key may not use the model ${modelId}.`, "model");
}

/** Who asks where nobody has to say; undefined for whoever does not, or whose key is not good. Throws a 429. */
export async function identifyCaller(c: Context<EdgeEnv>): Promise<Caller | undefined> {
  const { isOpen } = settingsOf(c.env);
  if (!isOpen && shownKey(c.req).authorization === undefined) return undefined;
  try {
    return await callerOf(c);
  } catch (cause) {
    if (cause instanceof ApiError && cause.status < 429) return undefined;
    throw cause;
  }
}

async function callerOf(c: { env: Env; req: HonoRequest }): Promise<Caller> {
  const settings = settingsOf(c.env);
  const shown = { ...shownKey(c.req), origin: originOf(c.req) };
  const attempt = guesses.attempt(clientAddress(c.req.header("cf-connecting-ip")));
  const keys = createKeyStore(settings.listedKeys, c.env.KEYS, attempt.beforeLookup);
  try {
    const caller = await identify(shown, settings, keys);
    attempt.succeeded();
    return caller;
  } catch (cause) {
    if (!isRefusal(cause, 401)) throw cause;
    attempt.failed();
    await countAddress(c.env, c.req).catch((limit) => {
      if (isRefusal(limit, 429)) attempt.refused();
      throw limit;
    });
    throw cause;
  }
}

/**
 * Of the page that asks. Browsers send none with a GET from a page of the same origin, and say that it is of that
 * (https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header): no page can.
 */
function originOf(request: HonoRequest): string | undefined {
  const isOwn = request.header("sec-fetch-site") === "same-origin";
  return request.header("origin") ?? (isOwn ? new URL(request.url).origin : undefined);
}

function isRefusal(cause: unknown, status: 401 | 429): boolean {
  return cause instanceof ApiError && cause.status === status;
}
