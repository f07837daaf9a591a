import type { AudioFormat } from "../../shared/formats.ts";
import type { Settings } from "../settings.ts";
import { createUrlSigner, type UrlSigner } from "../signature.ts";

const validSeconds = 24 * 60 * 60;
/** Links made within this time are equal, so that a browser finds again what it has fetched by one. */
const stepSeconds = 60 * 60;

/** One for each isolate's settings: importing the keys costs more than signing. */
const signers = new WeakMap<Settings, UrlSigner>();

/** Signs and checks links to files; undefined where there is no secret for it. */
export function linkSigner(settings: Settings): UrlSigner | undefined {
  if (settings.linkSecrets.length === 0) return undefined;
  const signer = signers.get(settings) ?? createUrlSigner(settings.linkSecrets);
  signers.set(settings, signer);
  return signer;
}

/** As what the timestamps of a file can be fetched. */
export type TimestampsFormat = "vtt" | "srt" | "json";

/** The path and query by which anybody may fetch a file for a day. */
export async function linkTo(
  fileId: string,
  format: AudioFormat | TimestampsFormat,
  signer: UrlSigner,
): Promise<string> {
  const path = `/v1/audio/speech/${fileId}.${format}`;
  const now = Date.now() / 1000;
  const expires = Math.ceil((now + validSeconds) / stepSeconds) * stepSeconds;
  return `${path}?${await signer.sign(path, expires)}`;
}
