import type { Context } from "hono";
import { accepts } from "hono/accepts";
import { byteStream } from "../../shared/byte-stream.ts";
import { fileHeaders, sseHeaders, unbuffered } from "../../shared/http/audio-headers.ts";
import { readRequestDirectives } from "../../shared/http/request-directives.ts";
import { renderAudio } from "../../shared/render/audio.ts";
import { renderBase64 } from "../../shared/render/base64.ts";
import { renderSse } from "../../shared/render/sse.ts";
import type { SpeechRequest } from "../../shared/speech-request.ts";
import { openCache } from "../cache/cache.ts";
import { cacheHeaders, entityTag } from "../cache/cache-headers.ts";
import { forbidsKeeping } from "../cache/keep-answer.ts";
import type { EdgeEnv } from "../context.ts";
import { clientLeft } from "../errors.ts";
import { type AnswerLinks, createAnswerLinks } from "../files/answer-links.ts";
import { linkSigner } from "../files/file-link.ts";
import { type FoundSpeech, findSpeech } from "../find-speech.ts";
import { originBody } from "../origin-body.ts";
import { clientTimeoutSeconds } from "../origins/client-timeout.ts";
import { settingsOf } from "../settings.ts";
import { speechHeaders } from "../speech-headers.ts";
import { watch } from "../speech-outcome.ts";

type SpeechContext = Context<EdgeEnv, string, { out: { json: SpeechRequest } }>;

/** `POST /v1/audio/speech`: the bare file or server-sent events, streamed as the origin speaks. */
export async function answerSpeech(c: SpeechContext): Promise<Response> {
  const request = c.req.valid("json");
  const { speech, source, fileId, headers, links, stop } = await speak(c);
  const streamHeaders = { ...headers, ...unbuffered };
  if (request.streamFormat === "sse") {
    return c.body(byteStream(renderSse(speech, links?.fileUrl), stop), 200, {
      ...streamHeaders,
      ...sseHeaders,
    });
  }
  const audio = byteStream(renderAudio(speech), stop);
  const location = fileId && (await links?.contentLocation(fileId));
  const audioHeaders = { ...streamHeaders, ...fileHeaders(request), ...location };
  if (source.name !== "hit") return c.body(audio, 200, audioHeaders);
  // Keeps the length; one that does not come true resets the client.
  const fixed = audio.pipeThrough(new FixedLengthStream(source.facts.bytes));
  return c.body(fixed, 200, { ...audioHeaders, etag: entityTag(source.facts) });
}

/** `POST /v1/audio/speech/base64`: one JSON document, when all of it has been spoken. */
export async function answerBase64(c: SpeechContext): Promise<Response> {
  const { speech, headers, links } = await speak(c);
  const answer = await renderBase64(speech, c.req.valid("json").format, links?.fileUrl);
  // workerd compresses a body itself when its answer says that it is.
  const encoding = acceptsGzip(c) ? { "content-encoding": "gzip" } : undefined;
  return c.json(answer, 200, { ...headers, ...encoding, vary: "accept-encoding" });
}

interface Spoken extends FoundSpeech {
  /** Where the answer is kept and there is a secret to sign them with. */
  links: AnswerLinks | undefined;
  stop: AbortController;
}

async function speak(c: SpeechContext): Promise<Spoken> {
  const stop = new AbortController();
  c.req.raw.signal.addEventListener("abort", () => stop.abort(clientLeft()));
  const request = c.req.valid("json");
  const settings = settingsOf(c.env);
  const errand = {
    request,
    directives: readRequestDirectives(c.req.header("cache-control")),
    body: originBody(await c.req.json()),
    requestId: c.var.requestId,
    timeoutSeconds: clientTimeoutSeconds(c.req.raw.headers) ?? settings.originTimeoutSeconds,
    retries: c.req.header("x-stainless-retry-count") !== undefined,
    stop,
  };
  const cache = openCache(c.env, settings);
  const found = await findSpeech(errand, {
    settings,
    cache,
    flights: c.env.FLIGHTS,
    waitUntil: (work) => c.executionCtx.waitUntil(work),
  });
  const { source } = found;
  c.set("source", source.name);
  const { speech, outcome } = watch(found.speech);
  c.set("outcome", outcome);
  const headers = { ...speechHeaders(request, found.headers), ...cacheHeaders(source) };
  const mayBeKept = cache.isOn && source.name !== "private" && !forbidsKeeping(found.headers);
  const signer = mayBeKept ? linkSigner(settings) : undefined;
  const links = signer && createAnswerLinks(request, c.req.url, signer, { cache, settings });
  return { ...found, speech, headers, links, stop };
}

function acceptsGzip(c: SpeechContext): boolean {
  const header = "Accept-Encoding";
  return accepts(c, { header, supports: ["gzip", "identity"], default: "identity" }) === "gzip";
}
