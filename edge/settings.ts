import { ApiError } from "../shared/api-error.ts";
import { type CacheSettings, readCacheSettings } from "./cache/cache-settings.ts";
import type { Env } from "./env.ts";
import { entriesOf } from "./setting-entries.ts";

export interface Settings extends CacheSettings {
  /** In any order. Each ends with a slash, so that paths resolve below it. */
  origins: readonly [URL, ...URL[]];
  /** Bearer tokens the origins may ask for, the one to try first at the front. */
  originTokens: readonly string[];
  /** Of an origin's silence, and of the wait for its first audio when the client names no other. */
  originTimeoutSeconds: number;
}

const defaultTimeoutSeconds = 100;
const maxTimeoutSeconds = 600;

/** Reads and checks the bindings. Throws a 500 that names the setting at fault, never its value. */
export function readSettings(env: Env): Settings {
  return {
    origins: readOrigins(env.ORIGIN_URLS),
    originTokens: entriesOf(env.ORIGIN_TOKEN),
    originTimeoutSeconds: readTimeout(env.ORIGIN_TIMEOUT_SECONDS),
    ...readCacheSettings(env),
  };
}

function readOrigins(list: string | undefined): [URL, ...URL[]] {
  const [first, ...others] = entriesOf(list).map(readOrigin);
  if (!first) throw misconfigured("ORIGIN_URLS must be set to the URL of at least one origin");
  return [first, ...others];
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
  if (!text) return defaultTimeoutSeconds;
  const seconds = Number(text);
  if (!(seconds > 0 && seconds <= maxTimeoutSeconds)) {
    throw misconfigured(
      `ORIGIN_TIMEOUT_SECONDS must be a number above 0 and at most ${maxTimeoutSeconds}`,
    );
  }
  return seconds;
}

/** 500: this server cannot work as it was set up. `problem` is fit for the client; the cause is for the log. */
export function misconfigured(problem: string, cause?: unknown): ApiError {
  return new ApiError({
    status: 500,
    type: "server_error",
    code: "misconfigured",
    message: `This server is not set up: ${problem}.`,
    headers: { "x-should-retry": "false" },
    cause,
  });
}
