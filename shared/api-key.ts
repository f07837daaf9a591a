import { encodeBase64Url } from "hono/utils/encode";
import * as z from "zod";
import { toHex } from "./identity.ts";
import { isModelName } from "./models.ts";

/**
 * What a key lets its holder do: make speech, fetch files made before, make tokens for browsers, keep voices, and have a new
 * take replace the one that everybody hears.
 */
export const scopes = ["speech", "files", "tokens", "voices", "refresh"] as const;

export type Scope = (typeof scopes)[number];

/** Those of a key whose record names none. A key has the others only if it was made with them. */
export const defaultScopes: readonly Scope[] = ["speech", "files", "tokens", "voices"];

/** What a browser may be trusted with: never to make tokens itself, nor to change what others hear. */
export const browserScopes = ["speech", "files"] as const satisfies readonly Scope[];

const unixSeconds = z.int().positive();

/**
 * What is kept of a key: never the key itself, which is random enough that a plain digest gives nothing of it away.
 * A limit that is left out does not limit. Unknown fields are refused: a misspelt limit must not pass for none.
 */
export const keyRecordSchema = z.strictObject({
  /** Stands for the key in logs and commands. */
  id: z.string().regex(/^[\w.-]{1,64}$/),
  /** Of the key, in lower-case hexadecimal. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  name: z.string().min(1).max(64).optional(),
  created_at: unixSeconds,
  expires_at: unixSeconds.optional(),
  revoked_at: unixSeconds.optional(),
  scopes: z.array(z.enum(scopes)).min(1).optional(),
  models: z.array(z.string().refine(isModelName, "must be a model's id")).min(1).optional(),
  requests_per_minute: z.int().positive().optional(),
  /** Code points of `input`, by days of UTC. */
  characters_per_day: z.int().positive().optional(),
});

export type KeyRecord = z.infer<typeof keyRecordSchema>;

/**
 * Makes a key: a prefix that lets scanners of leaked secrets know it, 192 random bits in 32 characters, and a check part
 * of 6.
 */
export async function createApiKey(): Promise<string> {
  const bits = crypto.getRandomValues(new Uint8Array(24));
  const unchecked = `sk-tts-${encodeBase64Url(bits.buffer)}`;
  return unchecked + (await checkPart(unchecked));
}

/**
 * Whether a text can be a key, as far as it tells itself: its check part is right, or it has none, as the keys that were
 * made before there was one.
 */
export async function isApiKey(text: string): Promise<boolean> {
  const [, unchecked, check] = /^(sk-tts-[\w-]{32})([\w-]{6})?$/.exec(text) ?? [];
  if (unchecked === undefined) return false;
  return check === undefined || check === (await checkPart(unchecked));
}

/**
 * The first 36 bits of the SHA-256 of all that goes before it, in base64url. Anybody can compute it: it tells slips and
 * blind guesses from keys without a look-up, and proves nothing.
 */
async function checkPart(unchecked: string): Promise<string> {
  return encodeBase64Url(await sha256(unchecked)).slice(0, 6);
}

/** SHA-256 in lower-case hexadecimal. */
export async function digestOfKey(key: string): Promise<string> {
  return toHex(await sha256(key));
}

function sha256(text: string): Promise<ArrayBuffer> {
  return crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
}

/** A key's id: enough of its digest to tell keys apart, so that one record is found by key and by id. */
export function idOfDigest(sha256: string): string {
  return sha256.slice(0, 16);
}

/** Where the KV namespace KEYS has the record of a key. */
export function storageKey(id: string): string {
  return `key:${id}`;
}
