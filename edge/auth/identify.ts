import { digestOfKey, isApiKey, type KeyRecord } from "../../shared/api-key.ts";
import type { ShownKey } from "../../shared/http/shown-key.ts";
import { forbidden, unauthorized } from "../errors.ts";
import type { Settings } from "../settings.ts";
import { type Caller, keyHolder, openCaller, tokenHolder } from "./caller.ts";
import type { KeyStore } from "./key-store.ts";
import { readToken } from "./token.ts";

interface Credentials {
  kind: "key" | "token";
  text: string;
}

const maxHeaderCharacters = 2048;

interface Shown extends ShownKey {
  /** The Origin header. */
  origin: string | undefined;
}

/** Tells who asks by what they show. Throws a 401 for what is not good, and a 403 for a token used elsewhere. */
export async function identify(shown: Shown, settings: Settings, keys: KeyStore): Promise<Caller> {
  if (settings.isOpen) return openCaller;
  const { kind, text } = await readCredentials(shown);
  const now = Math.floor(Date.now() / 1000);
  if (kind === "key") {
    const record = await keys.withDigest(await digestOfKey(text));
    return keyHolder(inForce(record, now), settings.catalogue);
  }

  const claims = await readToken(text, settings.tokenSecrets, now);
  if (claims.origin !== undefined && claims.origin !== shown.origin) {
    throw forbidden("origin_not_allowed", "The token is for pages of another origin.");
  }
  // Read again with every request, so that a token falls with its key.
  return tokenHolder(claims, inForce(await keys.withId(claims.sub), now), settings.catalogue);
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

/**
 * Reads what is shown: one bearer key or token (RFC 6750, section 2.1), by its form alone. Two headers of one name arrive
 * joined by a comma, which neither has. Throws a 401.
 */
async function readCredentials({ header, authorization }: ShownKey): Promise<Credentials> {
  if (!authorization) {
    const message = "This server wants an API key: Authorization: Bearer sk-tts-…";
    throw unauthorized("missing_api_key", message, "Bearer");
  }
  if (authorization.length > maxHeaderCharacters) {
    throw unauthorized(
      "invalid_api_key",
      `${header} must have at most ${maxHeaderCharacters} characters; it has ${authorization.length}`,
    );
  }
  const [, text] = /^Bearer +([\w.-]+)$/i.exec(authorization) ?? [];
  if (text && (await isApiKey(text))) return { kind: "key", text };
  if (text && isSignedToken(text)) return { kind: "token", text };
  throw unauthorized(
    "invalid_api_key",
    `${header} must be one ${header === "Authorization" ? "bearer " : ""}key of this server, as it was shown when it was made, or a token made with one; this is neither.`,
  );
}

/** RFC 7519: header, claims and signature. */
function isSignedToken(text: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]+$/.test(text);
}
