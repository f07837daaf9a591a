import type { Context } from "hono";
import { accepts } from "hono/accepts";
import { byteStream } from "../../shared/byte-stream.ts";
import type { SpeechFrame } from "../../shared/frames/frame.ts";
import {
  fileHeaders,
  requestHeaders,
  sseHeaders,
  unbuffered,
} from "../../shared/http/audio-headers.ts";
import { soundId } from "../../shared/identity.ts";
import { renderAudio } from "../../shared/render/audio.ts";
import { renderBase64 } from "../../shared/render/base64.ts";
import { renderSse } from "../../shared/render/sse.ts";
import type { SpeechRequest } from "../../shared/speech-request.ts";
import type { EdgeEnv } from "../env.ts";
import { clientLeft } from "../gateway-errors.ts";
import { askOrigin } from "../origins/ask-origin.ts";
import { clientTimeoutSeconds } from "../origins/client-timeout.ts";
import { readSettings } from "../settings.ts";
import { watch } from "../speech-outcome.ts";

type SpeechContext = Context<EdgeEnv, string, { out: { json: SpeechRequest } }>;

/** `POST /v1/audio/speech`: the bare file or server-sent events, streamed as the origin speaks. */
export async function answerSpeech(c: SpeechContext): Promise<Response> {
  const request = c.req.valid("json");
  const { speech, headers, stop } = await speak(c);
  const streamHeaders = { ...headers, ...unbuffered };
  if (request.streamFormat === "sse") {
    return c.body(byteStream(renderSse(speech), stop), 200, { ...streamHeaders, ...sseHeaders });
  }
  const audio = byteStream(renderAudio(speech), stop);
  return c.body(audio, 200, { ...streamHeaders, ...fileHeaders(request) });
}

/** `POST /v1/audio/speech/base64`: one JSON document, when all of it has been spoken. */
export async function answerBase64(c: SpeechContext): Promise<Response> {
  const { speech, headers } = await speak(c);
  const answer = await renderBase64(speech, c.req.valid("json").format);
  // workerd compresses a body itself when its answer says that it is.
  const encoding = acceptsGzip(c) ? { "content-encoding": "gzip" } : undefined;
  return c.json(answer, 200, { ...headers, ...encoding, vary: "accept-encoding" });
}

interface Spoken {
  speech: AsyncGenerator<SpeechFrame, void>;
  headers: Record<string, string>;
  stop: AbortController;
}

async function speak(c: SpeechContext): Promise<Spoken> {
  const stop = new AbortController();
  c.req.raw.signal.addEventListener("abort", () => stop.abort(clientLeft()));
  const settings = readSettings(c.env);
  const order = {
    body: await c.req.arrayBuffer(),
    requestId: c.var.requestId,
    routingKey: await soundId(c.req.valid("json")),
    timeoutSeconds: clientTimeoutSeconds(c.req.raw.headers) ?? settings.originTimeoutSeconds,
    stop,
  };
  const answer = await askOrigin(order, settings);
  const { speech, outcome } = watch(answer.speech);
  c.set("outcome", outcome);
  return { speech, headers: { ...requestHeaders(c.req.valid("json")), ...answer.headers }, stop };
}

function acceptsGzip(c: SpeechContext): boolean {
  const header = "Accept-Encoding";
  return accepts(c, { header, supports: ["gzip", "identity"], default: "identity" }) === "gzip";
}
