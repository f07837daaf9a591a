import type { Context } from "hono";
import { ApiError, invalidRequest } from "../../shared/api-error.ts";
import { browserScopes } from "../../shared/api-key.ts";
import { nativeIds } from "../auth/caller.ts";
import { signToken } from "../auth/token.ts";
import { modelsRule, type TokenRequest } from "../auth/token-request.ts";
import type { CallerEnv } from "../context.ts";
import { forbidden } from "../errors.ts";
import { settingsOf } from "../settings.ts";

type TokenContext = Context<CallerEnv, string, { out: { json: TokenRequest } }>;

/**
 * `POST /v1/audio/tokens`: a token that a page may carry, since it soon expires, may do no more than asked for here, and
 * never more than its key. It spends what the key has.
 */
export async function answerToken(c: TokenContext): Promise<Response> {
  const { tokenSecrets, catalogue } = settingsOf(c.env);
  const [secret] = tokenSecrets;
  if (!secret) throw tokensNotEnabled();
  const { id, ...key } = c.var.caller;
  const asked = c.req.valid("json");
  const scopes = asked.scopes ?? browserScopes.filter((scope) => key.scopes.includes(scope));
  if (asked.models?.some((name) => !catalogue.resolveModel(name))) {
    throw invalidRequest("invalid_value", modelsRule, "models");
  }
  const models = asked.models ? nativeIds(asked.models, catalogue) : [...key.models];
  const missing = scopes.find((scope) => !key.scopes.includes(scope));
  if (missing || scopes.length === 0) {
    const scope = missing ?? browserScopes.join(" or ");
    throw forbidden("insufficient_scope", `This key has not the scope ${scope}.`, "scopes");
  }
  if (models.some((model) => !key.models.includes(model))) {
    throw forbidden("model_not_allowed", "This key may not use all of these models.", "models");
  }

  // Rounded up: it lasts no shorter than was asked for.
  const lastSecond = Math.ceil(Date.now() / 1000) + asked.expires_in;
  const exp = Math.min(lastSecond, key.expiresAt ?? Infinity);
  const { origin } = asked;
  const claims = { sub: id, exp, scopes, models, ...(origin === undefined ? {} : { origin }) };
  const token = await signToken(claims, secret);
  return c.json({ token, expires_at: exp }, 200, { "cache-control": "no-store" });
}

function tokensNotEnabled(): ApiError {
  return new ApiError({
    status: 501,
    type: "server_error",
    code: "tokens_not_enabled",
    message: "This server makes no tokens: its secret TOKEN_SIGNING_SECRET is not set.",
    headers: { "x-should-retry": "false" },
  });
}
