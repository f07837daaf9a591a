import type { Context } from "hono";
import { notFound } from "../../shared/api-error.ts";
import { type AudioFormat, formatNames } from "../../shared/formats.ts";
import { unbuffered } from "../../shared/http/audio-headers.ts";
import { isPart } from "../../shared/http/byte-range.ts";
import type { AudioStore } from "../cache/audio-store.ts";
import { openCache } from "../cache/cache.ts";
import { cacheHeaders } from "../cache/cache-headers.ts";
import { isWanted, letGo, type StoredAudio } from "../cache/stored-audio.ts";
import type { CallerEnv } from "../context.ts";
import { leaving } from "../errors.ts";
import { answerWithFile, inlineHeaders } from "../files/stored-file.ts";
import { findTogether, type JoinedSpeech } from "../flight/flight-client.ts";
import { settingsOf } from "../settings.ts";
import { headersOfStored } from "../speech-headers.ts";

/** A file's name is its id, with its format for extension. */
export const audioFilePath = `/v1/audio/speech/:file{[0-9a-f]{64}\\.(?:${formatNames.join("|")})}`;

type FileContext = Context<CallerEnv>;

/** `GET /v1/audio/speech/{id}.{format}`: a file that was spoken, or is being spoken. Throws a 404. */
export async function answerFile(c: FileContext): Promise<Response> {
  const [id = "", extension] = c.req.param("file")?.split(".") ?? [];
  const format = extension as AudioFormat;
  const settings = settingsOf(c.env);
  const { store } = openCache(c.env, settings);

  const stored = await findStored(c, store, id, format);
  if (stored) return answerStored(c, stored, store, id);
  const joined = await joinSpoken(c, id, format);
  if (joined?.kind === "stored") return answerStored(c, joined.stored, store, id);
  if (joined) return answerSpoken(c, joined, format);
  throw notFound("audio_not_found", "There is no such audio here, or no longer.");
}

/** What is not for the caller is not there for them either. */
async function findStored(
  c: FileContext,
  store: AudioStore,
  id: string,
  format: AudioFormat,
): Promise<StoredAudio | undefined> {
  const stored = await store.find(id);
  if (!stored || isWanted(stored.facts, { format, models: c.var.caller.models })) return stored;
  await letGo(stored);
  return undefined;
}

async function joinSpoken(c: FileContext, fileId: string, format: AudioFormat) {
  const { caller } = c.var;
  const left = leaving(c.req.raw.signal);
  if (!c.env.FLIGHTS) return undefined;
  const order = {
    fileId,
    isSigned: caller.kind === "link",
    wanted: { format, models: caller.models },
    // Of a part it must be known of how much, and under which tag.
    whole: isPart(c.req.header("range")) || c.req.header("if-match") !== undefined,
    timeoutSeconds: settingsOf(c.env).originTimeoutSeconds,
  };
  return findTogether(c.env.FLIGHTS, order, left.signal);
}

async function answerStored(
  c: FileContext,
  stored: StoredAudio,
  store: AudioStore,
  id: string,
): Promise<Response> {
  const { facts } = stored;
  const ttlSeconds = settingsOf(c.env).cacheTtlSeconds;
  const source = { name: "hit", facts, ttlSeconds } as const;
  c.set("source", source.name);
  // Counted with Age: for as long as it is kept here. Not immutable, since a refresh can put another take in its place.
  const cacheControl = `private, max-age=${ttlSeconds}`;
  return answerWithFile(c.req.raw, stored, {
    headers: {
      ...headersOfStored(facts),
      ...cacheHeaders(source),
      "cache-control": cacheControl,
    },
    onDamaged: (damage) => store.remove(id, damage),
  });
}

function answerSpoken(
  c: FileContext,
  { hasJoined, headers, body, leave, outcome }: JoinedSpeech,
  format: AudioFormat,
): Response {
  const source = { name: hasJoined ? "joined" : "miss" } as const;
  c.set("source", source.name);
  const all = { ...inlineHeaders(format), ...headers, ...cacheHeaders(source), ...unbuffered };
  if (c.req.method === "HEAD") {
    leave();
    return c.body(null, 200, all);
  }
  c.set("outcome", outcome);
  return c.body(body, 200, all);
}
