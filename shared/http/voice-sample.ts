import type { Context, Env, MiddlewareHandler } from "hono";
import { invalidRequest } from "../api-error.ts";
import { languages, parseLanguage } from "../languages.ts";
import { samples } from "../samples.ts";
import type { VoiceBook } from "../voices/voice-book.ts";
import { broken } from "../wire-values.ts";
import { asSpeechRequest } from "./preview.ts";
import { noVoice, voicesPath } from "./voices.ts";

/** Of each kept voice, a sentence to know it by. */
export const voiceSamplePath = `${voicesPath}/:id/sample.mp3` as const;

/**
 * Puts the request for speech that a sample is in the place of the GET: in `?language=`, else the language that the voice
 * was made for, else English, by `?model=`, else the first model that knows the voice. Throws an ApiError (404) for a voice
 * that whoever asks has not.
 */
export function sampleRequest<E extends Env>(
  bookOf: (c: Context<E>) => VoiceBook,
): MiddlewareHandler<E> {
  return async function requestSample(c, next) {
    const id = c.req.param("id") ?? "";
    const voice = await bookOf(c).findVoice(id);
    if (!voice) throw noVoice(id);
    const asked = c.req.query("language") || undefined;
    const language = asked === undefined ? (voice.language ?? "english") : parseLanguage(asked);
    if (!language || language === "auto") {
      const rule = `one of ${languages.join(", ")}, or the BCP-47 tag of one of these`;
      throw invalidRequest("unsupported_language", broken("language", rule, asked), "language");
    }
    asSpeechRequest(c, {
      model: c.req.query("model") || voice.models[0],
      voice: voice.id,
      input: samples[language],
      language,
      response_format: "mp3",
    });
    await next();
    if (c.res.status === 200) c.res.headers.set("cache-control", "private, no-cache");
  };
}
