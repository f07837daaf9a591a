import type { Context, Env, MiddlewareHandler } from "hono";
import { invalidRequest, notFound } from "../api-error.ts";
import type { Catalogue } from "../catalogue.ts";
import { languages, parseLanguage } from "../languages.ts";
import { nativeModels } from "../models.ts";
import { samples } from "../samples.ts";
import { speakers } from "../voices/presets.ts";
import { brief, broken } from "../wire-values.ts";

/** Of each preset voice, a sentence to choose it by. */
export const previewPath = "/v1/audio/voices/:id/preview.mp3";

/** How long a client may go by what it has heard: a voice changes with its model, which is seldom. */
const maxAgeSeconds = 60 * 60;

/** Where a voice can be heard, at the place that a request came to. */
export function previewUrl(requestUrl: string, voiceId: string): string {
  return new URL(`/v1/audio/voices/${encodeURIComponent(voiceId)}/preview.mp3`, requestUrl).href;
}

/**
 * Puts the request for speech that a preview is in the place of the GET: `?language=`, else the one that the voice speaks
 * natively, and `?model=`, else the default one where it has preset voices. Nothing else of the request counts: nobody has more than
 * so many different ones spoken. Throws an ApiError (404) for a voice that there is not.
 */
export function previewRequest<E extends Env>(
  catalogueOf: (c: Context<E>) => Catalogue,
): MiddlewareHandler<E> {
  return async function requestPreview(c, next) {
    const catalogue = catalogueOf(c);
    const id = c.req.param("id") ?? "";
    const voice = catalogue.findVoice(id);
    if (!voice) throw notFound("voice_not_found", `There is no voice ${brief(id)}.`);
    const asked = c.req.query("language") || undefined;
    const language = asked === undefined ? speakers[voice.speaker].language : parseLanguage(asked);
    if (!language || language === "auto") {
      const rule = `one of ${languages.join(", ")}, or the BCP-47 tag of one of these`;
      throw invalidRequest("unsupported_language", broken("language", rule, asked), "language");
    }
    asSpeechRequest(c, {
      model: c.req.query("model") || defaultModel(catalogue),
      voice: voice.id,
      input: samples[language],
      language,
      response_format: "mp3",
    });
    await next();
    if (c.res.status === 200)
      c.res.headers.set("cache-control", `public, max-age=${maxAgeSeconds}`);
  };
}

/** Puts a request for speech in the place of a GET, with nothing of that but who asks. */
export function asSpeechRequest(c: Context, fields: Record<string, unknown>): void {
  const { url, signal, headers: sent } = c.req.raw;
  const headers = new Headers(sent);
  for (const name of ["content-length", "cache-control", "pragma", "range"]) headers.delete(name);
  headers.set("content-type", "application/json");
  c.req.raw = new Request(url, { method: "POST", headers, body: JSON.stringify(fields), signal });
  c.req.bodyCache = {};
}

function defaultModel({ defaultModel, resolveModel }: Catalogue): string {
  const native = resolveModel(defaultModel)?.native;
  return native && nativeModels[native].kind === "custom_voice" ? defaultModel : "tts-1";
}
