import { type Context, Hono, type MiddlewareHandler } from "hono";
import { compress } from "hono/compress";
import { byteStream } from "../../../shared/byte-stream.ts";
import { type Catalogue, plainCatalogue } from "../../../shared/catalogue.ts";
import { framesMediaType } from "../../../shared/frames/frame.ts";
import { writeFrames } from "../../../shared/frames/write-frames.ts";
import { fileHeaders, sseHeaders, unbuffered } from "../../../shared/http/audio-headers.ts";
import { onlyMethods } from "../../../shared/http/methods.ts";
import { previewPath, previewRequest } from "../../../shared/http/preview.ts";
import { readRequestDirectives, wantsNewTake } from "../../../shared/http/request-directives.ts";
import { jsonBody, speechBody } from "../../../shared/http/speech-body.ts";
import { translateBody } from "../../../shared/http/translation.ts";
import { translations } from "../../../shared/http/translations.ts";
import { voiceSamplePath } from "../../../shared/http/voice-sample.ts";
import { createKeptBytes } from "../../../shared/kept-bytes.ts";
import { renderAudio } from "../../../shared/render/audio.ts";
import { renderBase64 } from "../../../shared/render/base64.ts";
import { renderSse } from "../../../shared/render/sse.ts";
import { type HoldingRoom, holdUntilWhole } from "../../../shared/render/whole-speech.ts";
import type { SpeechRequest } from "../../../shared/speech-request.ts";
import { answerSpeech, type SpeechServices } from "../../speech/answer.ts";
import { inTime } from "../../speech/in-time.ts";
import { joinPackets } from "../../speech/join-packets.ts";
import type { Delivery } from "../../speech/observe.ts";
import type { OriginEnv } from "../context.ts";

type SpeechContext = Context<OriginEnv, string, { out: { json: SpeechRequest } }>;

/**
 * How long a reader may take nothing of an answer, whose place it holds meanwhile: longer than an edge lets its only
 * listener pause.
 */
export const defaultStallLimitMs = 12 * 60 * 1000;

export interface SpeechRouteOptions {
  /** The names that requests may use: the plain ones by default. */
  catalogue?: Catalogue;
  /** Looks up the kept voices that a body names; by default there are none. */
  keptVoices?: MiddlewareHandler<OriginEnv>;
  stallLimitMs?: number;
}
const mebibyte = 1024 * 1024;

/** The longest text, spoken no slower than is usual, fits in any format and at any rate. */
const room: HoldingRoom = { maxBytes: 256 * mebibyte, kept: createKeptBytes(512 * mebibyte) };

/**
 * The routes that speak. One stream of frames is rendered as the client wants it: the frames themselves for an edge,
 * the bare file as it comes or when it is whole, server-sent events, or one JSON document. Readers that take nothing for `stallLimitMs` are given up.
 */
export function speechRoutes(
  services: SpeechServices,
  {
    catalogue = plainCatalogue,
    keptVoices = (_c, next) => next(),
    stallLimitMs = defaultStallLimitMs,
  }: SpeechRouteOptions = {},
): Hono<OriginEnv> {
  const app = new Hono<OriginEnv>();
  const validBody = speechBody<OriginEnv>((c) => c.var.names ?? catalogue);

  function begin(
    c: Context<OriginEnv>,
    request: SpeechRequest,
    stop: AbortController,
    delivery: Delivery = "streamed",
  ) {
    const { log, deadlineMs, urgency, caller } = c.var;
    const directives = readRequestDirectives(c.req.header("cache-control"));
    const order = {
      request,
      newTake: wantsNewTake(directives),
      delivery,
      ...(urgency ? { urgency } : {}),
      ...(caller ? { caller } : {}),
    };
    return inTime(answerSpeech(order, services, log, stop.signal), deadlineMs, stop);
  }

  async function answer(c: SpeechContext): Promise<Response> {
    const request = c.req.valid("json");
    const stop = stopWith(c.req.raw.signal);
    // Events are sent as they come, whatever a request says of the file.
    const isStreamed = request.stream || request.streamFormat === "sse";
    const delivery = isStreamed ? "streamed" : "whole";
    const { speech, headers } = await begin(c, request, stop, delivery);
    if (c.req.header("accept")?.includes(framesMediaType)) {
      const frames = joinPackets(speech, request.sampleRate);
      const framesHeaders = { ...headers, ...unbuffered, "content-type": framesMediaType };
      return c.body(byteStream(writeFrames(frames), stop, { stallLimitMs }), 200, framesHeaders);
    }
    if (request.streamFormat === "sse") {
      const eventHeaders = { ...headers, ...unbuffered, ...sseHeaders };
      return c.body(byteStream(renderSse(speech), stop, { stallLimitMs }), 200, eventHeaders);
    }
    if (!request.stream) {
      const { end, speech: whole } = await holdUntilWhole(speech, request.format, room);
      return c.body(byteStream(renderAudio(whole), stop, { stallLimitMs }), 200, {
        ...headers,
        ...fileHeaders(request),
        "content-length": String(end.bytes),
      });
    }
    const audioHeaders = { ...headers, ...unbuffered, ...fileHeaders(request) };
    return c.body(byteStream(renderAudio(speech), stop, { stallLimitMs }), 200, audioHeaders);
  }

  app.post("/v1/audio/speech", ...jsonBody, keptVoices, validBody, answer);
  app.all("/v1/audio/speech", onlyMethods("POST"));
  for (const api of translations) {
    for (const path of api.paths) {
      app.post(
        path,
        ...jsonBody,
        translateBody(api, () => catalogue),
        keptVoices,
        validBody,
        answer,
      );
      app.all(path, onlyMethods("POST"));
    }
  }

  app.get(
    previewPath,
    previewRequest(() => catalogue),
    validBody,
    answer,
  );
  app.all(previewPath, onlyMethods("GET"));

  app.get(voiceSamplePath, keptVoices, validBody, answer);
  app.all(voiceSamplePath, onlyMethods("GET"));

  app.post("/v1/audio/speech/base64", compress(), ...jsonBody, keptVoices, validBody, async (c) => {
    const request = c.req.valid("json");
    const stop = stopWith(c.req.raw.signal);
    const { speech, headers } = await begin(c, request, stop, "whole");
    const told = request.stream
      ? speech
      : (await holdUntilWhole(speech, request.format, room)).speech;
    const { bytes, parts } = await renderBase64(told, request.format, {
      hasEvents: request.timestamps !== null,
    });
    return c.body(byteStream(parts, stop, { stallLimitMs }), 200, {
      ...headers,
      "content-type": "application/json",
      ...(bytes === undefined ? {} : { "content-length": String(bytes) }),
    });
  });
  app.all("/v1/audio/speech/base64", onlyMethods("POST"));
  return app;
}

/** A controller that the client's leaving aborts too, which also counts before the answer's head is sent. */
export function stopWith(client: AbortSignal): AbortController {
  const stop = new AbortController();
  const onAbort = () => stop.abort(client.reason);
  client.addEventListener("abort", onAbort, { once: true });
  if (client.aborted) onAbort();
  return stop;
}
