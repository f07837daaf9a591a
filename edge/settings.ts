import * as z from "zod";
import { type KeyRecord, keyRecordSchema } from "../shared/api-key.ts";
import { type Catalogue, createCatalogue, NameSettingError } from "../shared/catalogue.ts";
import type { Env } from "./env.ts";
import { misconfigured } from "./errors.ts";

/** What a deployment was told, read and found good. */
export interface Settings {
  /** In any order. Each ends with a slash, so that paths resolve below it. None serves hits alone. */
  origins: readonly URL[];
  /** Bearer tokens the origins may ask for, the one to try first at the front. */
  originTokens: readonly string[];
  /** Of an origin's silence, and of the wait for its first audio when the client names no other. */
  originTimeoutSeconds: number;
  /** 0 keeps nothing. */
  cacheTtlSeconds: number;
  /** Of the largest file that is kept, in the cache or for those who join while it is spoken. */
  cacheMaxBytes: number;
  /** Whether anybody is let in, whatever they show. */
  isOpen: boolean;
  /** The keys of the secret API_KEYS. */
  listedKeys: readonly KeyRecord[];
  /** Of browser tokens: the first signs, all verify. None makes and takes no tokens. */
  tokenSecrets: readonly string[];
  /** Of links to files: the first signs, all verify. None makes and takes no links. */
  linkSecrets: readonly string[];
  /** The names of models and voices. */
  catalogue: Catalogue;
}

const defaultTimeoutSeconds = 100;
const maxTimeoutSeconds = 600;

const defaultTtlSeconds = 30 * 24 * 60 * 60;
/** The least that KV takes (https://developers.cloudflare.com/kv/api/write-key-value-pairs/). */
const minTtlSeconds = 60;

const mebibyte = 1024 * 1024;
const defaultMaxBytes = 8 * mebibyte;
/** The most that KV takes (https://developers.cloudflare.com/kv/platform/limits/). */
const maxValueBytes = 25 * mebibyte;

/** RFC 2104, section 3, and RFC 7518, section 3.2, want a secret no shorter than the digest. */
const minSecretCharacters = 32;

const judged = new WeakMap<Env, () => Settings>();

/**
 * The settings of this isolate, read and judged once. Throws a 500 that names the one at fault, never its value, and the
 * same one each time: nothing is begun with settings that are half good.
 */
export function settingsOf(env: Env): Settings {
  const known = judged.get(env) ?? judge(env);
  judged.set(env, known);
  return known();
}

const catalogues = new WeakMap<Env, Catalogue>();

/** The names of this isolate alone: lists need no other setting to be good. Throws a 500 that names the one at fault. */
export function catalogueOf(env: Env): Catalogue {
  const known = catalogues.get(env) ?? readCatalogue(env);
  catalogues.set(env, known);
  return known;
}

function readCatalogue(env: Env): Catalogue {
  try {
    return createCatalogue(env);
  } catch (cause) {
    if (cause instanceof NameSettingError) throw misconfigured(cause.message);
    throw cause;
  }
}

/** The origins to ask. Throws a 500 where none is named: what is stored can be served without one. */
export function requireOrigins({ origins }: Settings): readonly URL[] {
  if (origins.length > 0) return origins;
  throw misconfigured("ORIGIN_URLS must be set to the URL of at least one origin");
}

function judge(env: Env): () => Settings {
  try {
    const settings = readSettings(env);
    return () => settings;
  } catch (cause) {
    return () => {
      throw cause;
    };
  }
}

function readSettings(env: Env): Settings {
  return {
    origins: entriesOf(env.ORIGIN_URLS).map(readOrigin),
    originTokens: entriesOf(env.ORIGIN_TOKEN),
    originTimeoutSeconds: readTimeout(env.ORIGIN_TIMEOUT_SECONDS),
    cacheTtlSeconds: readTtl(env.CACHE_TTL_SECONDS),
    cacheMaxBytes: readMaxBytes(env.CACHE_MAX_BYTES),
    isOpen: readAuth(env),
    listedKeys: readKeyList(env.API_KEYS),
    tokenSecrets: readSecrets(env, "TOKEN_SIGNING_SECRET"),
    linkSecrets: readSecrets(env, "URL_SIGNING_SECRET"),
    catalogue: catalogueOf(env),
  };
}

/** The entries of a setting that may hold several, separated by commas. */
function entriesOf(list = ""): string[] {
  return list
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "");
}

function readOrigin(text: string, index: number): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.search || url.hash) {
    throw misconfigured(
      `ORIGIN_URLS must be http or https URLs without user, query or fragment; entry ${index + 1} is not`,
    );
  }
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  return url;
}

function readTimeout(text: string | undefined): number {
  const seconds = Number(text || defaultTimeoutSeconds);
  if (seconds > 0 && seconds <= maxTimeoutSeconds) return seconds;
  throw misconfigured(
    `ORIGIN_TIMEOUT_SECONDS must be a number above 0 and at most ${maxTimeoutSeconds}`,
  );
}

function readTtl(text: string | undefined): number {
  const seconds = Number(text || defaultTtlSeconds);
  if (seconds === 0 || (Number.isSafeInteger(seconds) && seconds >= minTtlSeconds)) return seconds;
  throw misconfigured(
    `CACHE_TTL_SECONDS must be a whole number of at least ${minTtlSeconds}, or 0 to keep nothing`,
  );
}

function readMaxBytes(text: string | undefined): number {
  const bytes = Number(text || defaultMaxBytes);
  if (Number.isInteger(bytes) && bytes > 0 && bytes <= maxValueBytes) return bytes;
  throw misconfigured(`CACHE_MAX_BYTES must be a whole number from 1 to ${maxValueBytes}`);
}

function readAuth(env: Env): boolean {
  const mode = env.AUTH || "keys";
  if (mode !== "keys" && mode !== "open") throw misconfigured("AUTH must be keys or open");
  if (mode === "keys" && !env.API_KEYS && !env.KEYS) {
    throw misconfigured(
      "AUTH=keys needs the secret API_KEYS or the KV namespace KEYS; AUTH=open would let anybody in",
    );
  }
  return mode === "open";
}

function readKeyList(text: string | undefined): KeyRecord[] {
  if (!text) return [];
  const ids = new Set<string>();
  const records = parseKeyList(text);
  for (const { id } of records) {
    // A token names its key by the id alone.
    if (ids.has(id)) throw misconfigured(`API_KEYS must have each id once; it has ${id} twice`);
    ids.add(id);
  }
  return records;
}

function parseKeyList(text: string): KeyRecord[] {
  try {
    return z.array(keyRecordSchema).parse(JSON.parse(text));
  } catch {
    // The cause would put the secret's text into the log.
    throw misconfigured("API_KEYS must be a JSON list of what `npm run key -- create` prints");
  }
}

function readSecrets(env: Env, name: "TOKEN_SIGNING_SECRET" | "URL_SIGNING_SECRET"): string[] {
  const secrets = entriesOf(env[name]);
  if (secrets.every((secret) => secret.length >= minSecretCharacters)) return secrets;
  throw misconfigured(`${name} must have at least ${minSecretCharacters} characters`);
}
