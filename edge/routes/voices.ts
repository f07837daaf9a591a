import type { Context, MiddlewareHandler } from "hono";
import { voiceRoutes } from "../../shared/http/voices.ts";
import type { VoiceBook } from "../../shared/voices/voice-book.ts";
import type { VoiceRecord } from "../../shared/voices/voice-record.ts";
import { identifyCaller, requireCaller } from "../auth/require-caller.ts";
import { openCache } from "../cache/cache.ts";
import type { CallerEnv, EdgeEnv } from "../context.ts";
import { leaving, tooManyUploads } from "../errors.ts";
import { settingsOf } from "../settings.ts";
import { makerByOrigins } from "../voices/make-by-origin.ts";
import { openBook } from "../voices/open-book.ts";

/** Of 14 MB each, which are in memory some three times: an isolate has 128 MB for all it does. */
const maxUploads = 2;
let uploads = 0;

const maxWaitMs = 30_000;
const lookMs = 50;

/**
 * Has recordings wait, unread, as long as this isolate has as many in memory as it should. Throws a 503 where that takes
 * long. One request cannot wake another in a Worker, so each looks for itself.
 */
const limitUploads: MiddlewareHandler<CallerEnv> = async (c, next) => {
  if (c.req.method !== "POST") return next();
  for (let waitedMs = 0; uploads >= maxUploads; waitedMs += lookMs) {
    if (waitedMs > maxWaitMs) throw tooManyUploads();
    await scheduler.wait(lookMs);
  }
  uploads++;
  try {
    await next();
  } finally {
    uploads--;
  }
};

/** What the caller keeps. Throws a 503 where this deployment keeps nothing. */
export function bookOf(c: Context<CallerEnv>): VoiceBook {
  const { store } = openCache(c.env, settingsOf(c.env));
  return openBook(c.env, c.var.caller.id, store);
}

/** The voices and consents of a key, which are nobody else's. */
export const edgeVoiceRoutes = voiceRoutes<CallerEnv>({
  catalogueOf: (c) => settingsOf(c.env).catalogue,
  bookOf,
  makerOf: (c) => makerByOrigins(settingsOf(c.env), c.var.correlation),
  access: [requireCaller("voices"), limitUploads],
  signalOf: (c) => leaving(c.req.raw.signal).signal,
});

/** The voices of whoever lists them with a key that is good; of others, none. */
export async function keptByCaller(c: Context<EdgeEnv>): Promise<readonly VoiceRecord[]> {
  const { env } = c;
  if (!env.VOICE_BOOKS || !env.VOICES) return [];
  const caller = await identifyCaller(c);
  return caller?.scopes.includes("speech") ? env.VOICE_BOOKS.getByName(caller.id).listVoices() : [];
}
