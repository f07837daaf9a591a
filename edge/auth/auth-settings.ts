import * as z from "zod";
import { type KeyRecord, keyRecordSchema } from "../../shared/api-key.ts";
import type { Env } from "../env.ts";
import { entriesOf } from "../setting-entries.ts";
import { misconfigured } from "../settings.ts";
import { createKeyStore, type KeyStore } from "./key-store.ts";

export interface AuthSettings {
  /** Lets anybody in, whatever they show. */
  open: boolean;
  keys: KeyStore;
  /** Of browser tokens: the first signs, all verify. None makes and takes no tokens. */
  tokenSecrets: string[];
}

/** RFC 7518, section 3.2, wants a secret no shorter than the digest. */
const minSecretCharacters = 32;

/** Reads and checks who may ask. Throws a 500 that names the setting at fault, never its value. */
export function readAuthSettings(env: Env): AuthSettings {
  const mode = env.AUTH || "keys";
  if (mode !== "keys" && mode !== "open") throw misconfigured("AUTH must be keys or open");
  if (mode === "keys" && !env.API_KEYS && !env.KEYS) {
    throw misconfigured(
      "AUTH=keys needs the secret API_KEYS or the KV namespace KEYS; AUTH=open would let anybody in",
    );
  }
  return {
    open: mode === "open",
    keys: createKeyStore(readKeyList(env.API_KEYS), env.KEYS),
    tokenSecrets: readTokenSecrets(env.TOKEN_SIGNING_SECRET),
  };
}

function readKeyList(text: string | undefined): KeyRecord[] {
  if (!text) return [];
  try {
    return z.array(keyRecordSchema).parse(JSON.parse(text));
  } catch {
    // The cause would put the secret's text into the log.
    throw misconfigured("API_KEYS must be a JSON list of what `npm run key -- create` prints");
  }
}

function readTokenSecrets(text: string | undefined): string[] {
  const secrets = entriesOf(text);
  if (secrets.some((secret) => secret.length < minSecretCharacters)) {
    throw misconfigured(
      `TOKEN_SIGNING_SECRET must have at least ${minSecretCharacters} characters`,
    );
  }
  return secrets;
}
