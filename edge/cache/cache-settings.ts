import type { Env } from "../env.ts";
import { misconfigured } from "../settings.ts";

export interface CacheSettings {
  /** 0 keeps nothing. */
  cacheTtlSeconds: number;
  /** Of the largest file that is kept, in the cache or for those who join while it is spoken. */
  cacheMaxBytes: number;
}

const day = 24 * 60 * 60;
const mebibyte = 1024 * 1024;

/** The least that KV takes (https://developers.cloudflare.com/kv/api/write-key-value-pairs/). */
const minTtlSeconds = 60;
/** https://developers.cloudflare.com/kv/platform/limits/ */
const maxValueBytes = 25 * mebibyte;

/** Throws a 500 that names the setting at fault. */
export function readCacheSettings(env: Env): CacheSettings {
  return {
    cacheTtlSeconds: readTtl(env.CACHE_TTL_SECONDS || String(30 * day)),
    cacheMaxBytes: readMaxBytes(env.CACHE_MAX_BYTES || String(8 * mebibyte)),
  };
}

function readTtl(text: string): number {
  const seconds = Number(text);
  if (seconds === 0 || (Number.isSafeInteger(seconds) && seconds >= minTtlSeconds)) return seconds;
  throw misconfigured(
    `CACHE_TTL_SECONDS must be a whole number of at least ${minTtlSeconds}, or 0 to keep nothing`,
  );
}

function readMaxBytes(text: string): number {
  const bytes = Number(text);
  if (Number.isInteger(bytes) && bytes > 0 && bytes <= maxValueBytes) return bytes;
  throw misconfigured(`CACHE_MAX_BYTES must be a whole number from 1 to ${maxValueBytes}`);
}
