import { digestOfKey, type KeyRecord } from "../../shared/api-key.ts";
import type { Settings } from "../settings.ts";
import { forbidden, unauthorized } from "./auth-errors.ts";
import { type Caller, keyHolder, openCaller } from "./caller.ts";
import { readCredentials } from "./credentials.ts";
import type { KeyStore } from "./key-store.ts";
import { readToken } from "./token.ts";

interface Shown {
  /** The Authorization header. */
  authorization: string | undefined;
  /** The Origin header. */
  origin: string | undefined;
}

/** Tells who asks by what they show. Throws a 401 for what is not good, and a 403 for a token used elsewhere. */
export async function identify(shown: Shown, settings: Settings, keys: KeyStore): Promise<Caller> {
  if (settings.isOpen) return openCaller;
  const { kind, text } = await readCredentials(shown.authorization);
  const now = Math.floor(Date.now() / 1000);
  if (kind === "key") {
    const record = await keys.withDigest(await digestOfKey(text));
    return keyHolder(inForce(record, now));
  }

  const claims = await readToken(text, settings.tokenSecrets, now);
  if (claims.origin !== undefined && claims.origin !== shown.origin) {
    throw forbidden("origin_not_allowed", "The token is for pages of another origin.");
  }
  // Read again with every request, so that a token falls with its key.
  const holder = keyHolder(inForce(await keys.withId(claims.sub), now));
  return {
    ...holder,
    kind: "token",
    scopes: claims.scopes.filter((scope) => scope !== "tokens" && holder.scopes.includes(scope)),
    models: claims.models.filter((model) => holder.models.includes(model)),
  };
}

function inForce(record: KeyRecord | undefined, now: number): KeyRecord {
  if (!record) throw unauthorized("invalid_api_key", "The API key is not known here.");
  if (record.revoked_at !== undefined) {
    throw unauthorized("revoked_api_key", "The API key has been revoked.");
  }
  if (record.expires_at !== undefined && record.expires_at <= now) {
    throw unauthorized("expired_api_key", "The API key has expired.");
  }
  return record;
}
