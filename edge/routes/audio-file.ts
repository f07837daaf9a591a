import type { Context } from "hono";
import { notFound } from "../../shared/api-error.ts";
import { byteStream } from "../../shared/byte-stream.ts";
import { type AudioFormat, formatNames } from "../../shared/formats.ts";
import { unbuffered } from "../../shared/http/audio-headers.ts";
import { renderAudio } from "../../shared/render/audio.ts";
import type { AudioStore } from "../cache/audio-store.ts";
import { openCache } from "../cache/cache.ts";
import { cacheHeaders } from "../cache/cache-headers.ts";
import type { CallerEnv } from "../context.ts";
import type { Env } from "../env.ts";
import { clientLeft } from "../errors.ts";
import { answerWithFile, inlineHeaders } from "../files/stored-file.ts";
import { isWanted, type WantedFile } from "../files/wanted-file.ts";
import { type Boarded, joinFlight } from "../flight/board-flight.ts";
import { settingsOf } from "../settings.ts";
import { headersOfStored } from "../speech-headers.ts";
import { watch } from "../speech-outcome.ts";

/** A file's name is its id, with its format for extension. */
export const audioFilePath = `/v1/audio/speech/:file{[0-9a-f]{64}\\.(?:${formatNames.join("|")})}`;

type FileContext = Context<CallerEnv>;

/** `GET /v1/audio/speech/{id}.{format}`: a file that was spoken, or is being spoken. Throws a 404. */
export async function answerFile(c: FileContext): Promise<Response> {
  const [id = "", extension] = c.req.param("file")?.split(".") ?? [];
  const format = extension as AudioFormat;
  const stop = new AbortController();
  c.req.raw.signal.addEventListener("abort", () => stop.abort(clientLeft()));
  const settings = settingsOf(c.env);
  const { store } = openCache(c.env, settings);

  const wanted = { format, models: c.var.caller.models };
  const found = await find(c.env, store, { id, wanted, signal: stop.signal });
  if (found.kind === "speech") return answerSpoken(c, found, format, stop);
  const { facts } = found.stored;
  const source = { name: "hit", facts, ttlSeconds: settings.cacheTtlSeconds } as const;
  c.set("source", source.name);
  // Counted with Age: for as long as it is kept here. Not immutable, since `no-cache` can put another take in its place.
  const cacheControl = `private, max-age=${settings.cacheTtlSeconds}`;
  return answerWithFile(c.req.raw, found.stored, {
    headers: {
      ...headersOfStored(facts),
      ...cacheHeaders(source),
      "cache-control": cacheControl,
    },
    remove: () => store.remove(id),
  });
}

interface Search {
  id: string;
  wanted: WantedFile;
  signal: AbortSignal;
}

/** What is not for the caller is not there for them either. */
async function find(env: Env, store: AudioStore, search: Search): Promise<Boarded> {
  const { id, wanted, signal } = search;
  const stored = await store.find(id);
  if (stored && isWanted(stored.facts, wanted)) return { kind: "stored", stored };
  await stored?.body.cancel();
  const joined = env.FLIGHTS && (await joinFlight(env.FLIGHTS, id, wanted, signal));
  if (joined) return joined;
  throw notFound("audio_not_found", "There is no such audio here, or no longer.");
}

function answerSpoken(
  c: FileContext,
  { source, headers, speech }: Extract<Boarded, { kind: "speech" }>,
  format: AudioFormat,
  stop: AbortController,
): Response {
  c.set("source", source.name);
  const all = { ...inlineHeaders(format), ...headers, ...cacheHeaders(source), ...unbuffered };
  if (c.req.method === "HEAD") {
    stop.abort();
    return c.body(null, 200, all);
  }
  const { speech: watched, outcome } = watch(speech);
  c.set("outcome", outcome);
  return c.body(byteStream(renderAudio(watched), stop), 200, all);
}
