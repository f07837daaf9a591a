import type { Context } from "hono";
import { parseAccept } from "hono/utils/accept";
import { byteStream } from "../../shared/byte-stream.ts";
import { eachFrame } from "../../shared/frames/read-frames.ts";
import { fileHeaders, sseHeaders, unbuffered } from "../../shared/http/audio-headers.ts";
import { readRequestDirectives } from "../../shared/http/request-directives.ts";
import { onlyAsked } from "../../shared/render/asked-events.ts";
import { renderAudio } from "../../shared/render/audio.ts";
import { renderBase64 } from "../../shared/render/base64.ts";
import { renderSse } from "../../shared/render/sse.ts";
import { type HoldingRoom, holdUntilWhole } from "../../shared/render/whole-speech.ts";
import type { SpeechRequest } from "../../shared/speech-request.ts";
import { type Cache, openCache } from "../cache/cache.ts";
import { cacheHeaders, entityTag } from "../cache/cache-headers.ts";
import { forbidsKeeping } from "../cache/keep-answer.ts";
import type { AskedSpeech, CallerEnv } from "../context.ts";
import { leaving } from "../errors.ts";
import { type AnswerLinks, createAnswerLinks } from "../files/answer-links.ts";
import { linkSigner } from "../files/file-link.ts";
import { type FoundSpeech, findSpeech } from "../find-speech.ts";
import { keptBytes } from "../flight/kept-bytes.ts";
import type { Delivery } from "../flight/listener-stream.ts";
import { originBody } from "../origins/ask-origin.ts";
import { clientTimeoutSeconds } from "../origins/client-timeout.ts";
import { settingsOf } from "../settings.ts";
import { speechHeaders } from "../speech-headers.ts";

type SpeechContext = Context<CallerEnv, string, { out: { json: SpeechRequest } }>;

/** Less than what all have together, so that one answer finds room. */
const room: HoldingRoom = { maxBytes: 48 * 1024 * 1024, kept: keptBytes };

/**
 * `POST /v1/audio/speech`: the bare file or server-sent events, streamed as the origin speaks, or the file when it is
 * whole.
 */
export async function answerSpeech(c: SpeechContext): Promise<Response> {
  const request = c.req.valid("json");
  if (request.streamFormat === "sse") {
    return withSpeech(c, "frames", "streamed", async ({ found, headers, links, stop }) => {
      const events = byteStream(renderSse(framesFor(request, found), links?.fileUrl), stop);
      return c.body(events, 200, { ...headers, ...unbuffered, ...sseHeaders });
    });
  }
  if (!request.stream) {
    return withSpeech(c, "frames", "whole", (speech) => wholeFile(request, speech));
  }
  return withSpeech(c, "audio", "streamed", (speech) => fileAsItComes(request, speech));
}

async function fileAsItComes(
  request: SpeechRequest,
  { found, headers, links }: Answerable,
): Promise<Response> {
  const { source, fileId } = found;
  const location = fileId && (await links?.contentLocation(fileId));
  const tag = source.name === "hit" ? { etag: entityTag(source.facts) } : {};
  const all = { ...headers, ...fileHeaders(request), ...location, ...tag };
  return new Response(found.audio(), { headers: all });
}

/** With its length, and what it is stored as where it is. A stored one comes with both. */
async function wholeFile(request: SpeechRequest, answerable: Answerable): Promise<Response> {
  const { found, headers, links, stop } = answerable;
  if (found.source.name === "hit") return fileAsItComes(request, answerable);
  const { end, speech } = await holdUntilWhole(framesFor(request, found), request.format, room);
  const url = (await links?.fileUrl(end))?.url;
  const location = url === undefined ? {} : { "content-location": pathOf(url) };
  const file = byteStream(renderAudio(speech), stop);
  return new Response(file.pipeThrough(new FixedLengthStream(end.bytes)), {
    headers: { ...headers, ...fileHeaders(request), ...location },
  });
}

function framesFor(request: SpeechRequest, found: FoundSpeech) {
  return onlyAsked(eachFrame(found.frames()), request);
}

function pathOf(url: string): string {
  const { pathname, search } = new URL(url);
  return pathname + search;
}

/** `POST /v1/audio/speech/base64`: one JSON document, when all of it has been spoken, or more than can be held back. */
export async function answerBase64(c: SpeechContext): Promise<Response> {
  const request = c.req.valid("json");
  const { format, stream, timestamps } = request;
  return withSpeech(c, "frames", "whole", async ({ found, headers, links, stop }) => {
    const frames = framesFor(request, found);
    // What is stored has been whole before.
    const isHeld = !stream && found.source.name !== "hit";
    const speech = isHeld ? (await holdUntilWhole(frames, format, room)).speech : frames;
    const options = {
      fileUrl: links?.fileUrl,
      share: keptBytes.open(),
      hasEvents: timestamps !== null,
    };
    const { bytes, parts } = await renderBase64(speech, format, options);
    const json = byteStream(parts, stop);
    const jsonHeaders = { ...headers, "content-type": "application/json", vary: "accept-encoding" };
    // workerd compresses a body itself when its answer says that it is.
    if (acceptsGzip(c)) return c.body(json, 200, { ...jsonHeaders, "content-encoding": "gzip" });
    const body = bytes === undefined ? json : json.pipeThrough(new FixedLengthStream(bytes));
    return c.body(body, 200, jsonHeaders);
  });
}

interface Answerable {
  found: FoundSpeech;
  headers: Record<string, string>;
  /** Where the answer is kept, the caller may fetch files, and there is a secret to sign them with. */
  links: AnswerLinks | undefined;
  /** Lets go of the speech when it is aborted. */
  stop: AbortController;
}

/** Finds the speech and answers with it. It is let go of when the client leaves, and when no answer comes of it. */
async function withSpeech(
  c: SpeechContext,
  delivery: Delivery,
  use: AskedSpeech["delivery"],
  answer: (speech: Answerable) => Promise<Response>,
): Promise<Response> {
  const stop = leaving(c.req.raw.signal);
  const request = c.req.valid("json");
  c.set("asked", { model: request.model, format: request.format, delivery: use });
  const settings = settingsOf(c.env);
  const cache = openCache(c.env, settings);
  // An origin cannot tell what becomes of its frames, and knows by this that nobody plays them as they come.
  const isWhole = use === "whole" ? { stream: false, stream_format: "audio" } : {};
  const query = {
    request,
    delivery,
    directives: readRequestDirectives(c.req.header("cache-control")),
    mayRefresh: c.var.caller.scopes.includes("refresh"),
    owner: c.var.caller.id,
    body: originBody({ ...(await c.req.json()), ...isWhole }, request),
    correlation: c.var.correlation,
    timeoutSeconds: clientTimeoutSeconds(c.req.raw.headers) ?? settings.originTimeoutSeconds,
    retries: c.req.header("x-stainless-retry-count") !== undefined,
    signal: stop.signal,
  };
  const found = await findSpeech(query, {
    settings,
    cache,
    flights: c.env.FLIGHTS,
    voices: c.env.VOICES,
    waitUntil: (work) => c.executionCtx.waitUntil(work),
  });
  stop.signal.addEventListener("abort", () => found.cancel());
  try {
    stop.signal.throwIfAborted();
    const { source } = found;
    c.set("source", source.name);
    const headers = { ...speechHeaders(request, found.headers), ...cacheHeaders(source) };
    const links = linksOf(c, request, found, cache);
    const answered = await answer({ found, headers, links, stop });
    c.set("outcome", found.outcome);
    return answered;
  } catch (cause) {
    found.cancel();
    throw cause;
  }
}

/** Links to an answer's file, where it may be kept and the caller may have it. */
export function linksOf(
  c: Context<CallerEnv>,
  request: SpeechRequest,
  { source, headers }: Pick<FoundSpeech, "source" | "headers">,
  cache: Cache,
): AnswerLinks | undefined {
  const settings = settingsOf(c.env);
  const mayBeKept =
    cache.isOn && !["private", "new_take"].includes(source.name) && !forbidsKeeping(headers);
  // A link would give its holder what they may not have.
  const mayHaveLinks = mayBeKept && c.var.caller.scopes.includes("files");
  const signer = mayHaveLinks ? linkSigner(settings) : undefined;
  return signer && createAnswerLinks(request, c.req.url, signer, { cache, settings });
}

/** Cloudflare, and wrangler dev after it, has the header say that every client takes gzip, and keeps what it said. */
function acceptsGzip(c: SpeechContext): boolean {
  const { clientAcceptEncoding } = c.req.raw.cf ?? {};
  const said = clientAcceptEncoding ?? c.req.header("accept-encoding") ?? "";
  return parseAccept(String(said)).some(({ type, q }) => type === "gzip" && q > 0);
}
