import { Hono, type MiddlewareHandler } from "hono";
import { type BatchRequest, readBatch } from "../../../shared/batch/batch-request.ts";
import { batchHeaders, renderBatch } from "../../../shared/batch/render-batch.ts";
import { speakBatch } from "../../../shared/batch/speak-batch.ts";
import { byteStream } from "../../../shared/byte-stream.ts";
import type { Catalogue } from "../../../shared/catalogue.ts";
import { unbuffered } from "../../../shared/http/audio-headers.ts";
import { invalidJson } from "../../../shared/http/errors.ts";
import { onlyMethods } from "../../../shared/http/methods.ts";
import { readRequestDirectives, wantsNewTake } from "../../../shared/http/request-directives.ts";
import { jsonBodyUpTo, maxLongBodyBytes } from "../../../shared/http/speech-body.ts";
import { createKeptBytes } from "../../../shared/kept-bytes.ts";
import { answerSpeech, type SpeechServices } from "../../speech/answer.ts";
import type { OriginEnv } from "../context.ts";
import { defaultStallLimitMs, stopWith } from "./speech.ts";

/** Enough to keep an engine busy that shares its steps among utterances; others come before them. */
const maxAtOnce = 4;

const mebibyte = 1024 * 1024;
const maxBytesAtOnce = 256 * mebibyte;
const room = { maxBytes: 256 * mebibyte, kept: createKeptBytes(512 * mebibyte) };

/** `POST /v1/audio/speech/batch`: many texts in one request, each answered when it is whole. */
export function batchRoutes(
  services: SpeechServices,
  catalogue: Catalogue,
  keptVoices: MiddlewareHandler<OriginEnv>,
): Hono<OriginEnv> {
  const app = new Hono<OriginEnv>();

  app.post("/v1/audio/speech/batch", ...jsonBodyUpTo(maxLongBodyBytes), keptVoices, async (c) => {
    const body: unknown = await c.req.json().catch(() => {
      throw invalidJson();
    });
    const { items, output }: BatchRequest = readBatch(body, c.var.names ?? catalogue);
    const stop = stopWith(c.req.raw.signal);
    const newTake = wantsNewTake(readRequestDirectives(c.req.header("cache-control")));
    const results = speakBatch(items, {
      speak({ request, index }) {
        const log = c.var.log.child({ item: index });
        const order = { request, newTake, urgency: "batch" } as const;
        // Each listens for the end by itself: more than ten listeners of one signal are taken for a leak.
        return answerSpeech(order, services, log, AbortSignal.any([stop.signal]));
      },
      signal: stop.signal,
      maxAtOnce,
      maxBytesAtOnce,
      room,
    });
    const parts = byteStream(renderBatch(results, output), stop, {
      stallLimitMs: defaultStallLimitMs,
    });
    return c.body(parts, 200, { ...batchHeaders[output], ...unbuffered });
  });
  app.all("/v1/audio/speech/batch", onlyMethods("POST"));
  return app;
}
