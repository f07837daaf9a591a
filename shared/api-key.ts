import { encodeBase64Url } from "hono/utils/encode";
import * as z from "zod";
import { toHex } from "./identity.ts";
import { modelIds } from "./models.ts";

/** What a key lets its holder do: make speech, fetch files made before, make tokens for browsers. */
export const scopes = ["speech", "files", "tokens"] as const;

export type Scope = (typeof scopes)[number];

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
  models: z
    .array(z.string().refine((id) => modelIds.includes(id), "must be a model's id"))
    .min(1)
    .optional(),
  requests_per_minute: z.int().positive().optional(),
  /** Code points of `input`, by days of UTC. */
  characters_per_day: z.int().positive().optional(),
});

export type KeyRecord = z.infer<typeof keyRecordSchema>;

/** Makes a key of 192 random bits. Its prefix lets scanners of leaked secrets know it. */
export function createApiKey(): string {
  return `sk-tts-${encodeBase64Url(crypto.getRandomValues(new Uint8Array(24)).buffer)}`;
}

export function isApiKey(text: string): boolean {
  return /^sk-tts-[\w-]{32}$/.test(text);
}

/** SHA-256 in lower-case hexadecimal. */
export async function digestOfKey(key: string): Promise<string> {
  return toHex(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(key)));
}

/** A key's id: enough of its digest to tell keys apart, so that one record is found by key and by id. */
export function idOfDigest(sha256: string): string {
  return sha256.slice(0, 16);
}

/** Where the KV namespace KEYS has the record of a key. */
export function storageKey(id: string): string {
  return `key:${id}`;
}
