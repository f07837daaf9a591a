import type { AudioFormat } from "../../shared/formats.ts";
import type { Env } from "../env.ts";
import { entriesOf } from "../setting-entries.ts";
import { misconfigured } from "../settings.ts";
import { createUrlSigner, type UrlSigner } from "../signature.ts";

const validSeconds = 24 * 60 * 60;
/** Links made within this time are equal, so that a browser finds again what it has fetched by one. */
const stepSeconds = 60 * 60;

/** RFC 2104, section 3, wants a secret no shorter than the digest. */
const minSecretCharacters = 32;

/** Signs and checks links to files; undefined where there is no secret for it. Throws a 500 for a secret too short. */
export function readLinkSigner({ URL_SIGNING_SECRET }: Env): UrlSigner | undefined {
  const secrets = entriesOf(URL_SIGNING_SECRET);
  if (secrets.some((secret) => secret.length < minSecretCharacters)) {
    throw misconfigured(`URL_SIGNING_SECRET must have at least ${minSecretCharacters} characters`);
  }
  return secrets.length > 0 ? createUrlSigner(secrets.join()) : undefined;
}

/** The path and query by which anybody may fetch a file for a day. */
export async function linkTo(
  fileId: string,
  format: AudioFormat,
  signer: UrlSigner,
): Promise<string> {
  const path = `/v1/audio/speech/${fileId}.${format}`;
  const now = Date.now() / 1000;
  const expires = Math.ceil((now + validSeconds) / stepSeconds) * stepSeconds;
  return `${path}?${await signer.sign(path, expires)}`;
}
