// The voices that callers keep: OpenAI's `/v1/audio/voices` and `/v1/audio/voice_consents`, the same at the edge and at an
// origin that is asked itself.
import { type Context, type Env, Hono, type MiddlewareHandler } from "hono";
import { ApiError, notFound } from "../api-error.ts";
import type { Catalogue } from "../catalogue.ts";
import { consentsPath, keepConsent, keepVoice, notKept } from "../voices/keep-voice.ts";
import { voiceIdPattern } from "../voices/kept-voice.ts";
import type { VoiceBook, VoiceMaker } from "../voices/voice-book.ts";
import {
  maxVoiceBodyBytes,
  readConsentOrder,
  readName,
  readVoiceFields,
  readVoiceName,
  readVoiceOrder,
} from "../voices/voice-order.ts";
import { type ConsentRecord, describeKeptVoice, type VoiceRecord } from "../voices/voice-record.ts";
import { brief } from "../wire-values.ts";
import { onlyMethods } from "./methods.ts";
import { isMediaType } from "./multipart.ts";
import { limitBody } from "./speech-body.ts";

export const voicesPath = "/v1/audio/voices";

const voicePath = `${voicesPath}/:id` as const;
const consentPath = `${consentsPath}/:id` as const;

export interface VoiceRouteOptions<E extends Env> {
  catalogueOf(c: Context<E>): Catalogue;
  /** Of whoever asks. Throws an ApiError where none are kept. */
  bookOf(c: Context<E>): VoiceBook;
  makerOf(c: Context<E>): VoiceMaker;
  /** Before all of these: who asks, and whether they may. */
  access: readonly MiddlewareHandler<E>[];
  /** Aborted when the client leaves. */
  signalOf(c: Context<E>): AbortSignal;
}

const requireForm: MiddlewareHandler = async (c, next) => {
  if (!isMediaType(c, "multipart/form-data") && !isMediaType(c, "application/json")) {
    const type = c.req.header("content-type");
    throw new ApiError({
      status: 415,
      type: "invalid_request_error",
      code: "unsupported_media_type",
      message: `Content-Type must be multipart/form-data or application/json; got ${type ? brief(type) : "none"}`,
    });
  }
  await next();
};

/** The list of voices is the catalogue's, which has the presets beside them. */
export function voiceRoutes<E extends Env>(options: VoiceRouteOptions<E>): Hono<E> {
  const { catalogueOf, bookOf, makerOf, access, signalOf } = options;
  const app = new Hono<E>();
  app.on(["GET", "POST", "DELETE"], [consentsPath, consentPath], ...access);
  app.on("POST", [voicesPath], ...access);
  // Presets are for anybody, and nobody's to change.
  const ofKept = access.map(
    (each): MiddlewareHandler<E> =>
      (c, next) => {
        if (voiceIdPattern.test(c.req.param("id") ?? "")) return each(c, next);
        if (c.req.method === "GET") return next();
        throw noVoice(c.req.param("id") ?? "");
      },
  );
  app.on(["GET", "POST", "DELETE"], [voicePath], ...ofKept);
  app.on(
    "POST",
    [voicesPath, voicePath, consentsPath, consentPath],
    limitBody(maxVoiceBodyBytes),
    requireForm,
  );

  app.post(voicesPath, async (c) => {
    const book = bookOf(c);
    const order = readVoiceOrder(await readVoiceFields(c), catalogueOf(c));
    const record = await keepVoice(order, book, makerOf(c), signalOf(c));
    return c.json(describeKeptVoice(record, c.req.url));
  });
  app.get(voicePath, async (c, next) => {
    if (!voiceIdPattern.test(c.req.param("id"))) return next();
    return c.json(describeKeptVoice(await findVoice(c), c.req.url));
  });
  app.post(voicePath, async (c) => {
    const { id } = await findVoice(c);
    const { name: field } = await readVoiceFields(c);
    const name = readVoiceName(field, catalogueOf(c));
    const renamed = await bookOf(c).renameVoice(id, name);
    if (renamed === undefined) throw noVoice(id);
    if (typeof renamed === "string") throw notKept(renamed, name);
    return c.json(describeKeptVoice(renamed, c.req.url));
  });
  app.delete(voicePath, async (c) => {
    const id = c.req.param("id") ?? "";
    if (!(await bookOf(c).removeVoice(id))) throw noVoice(id);
    return c.json({ id, object: "audio.voice.deleted", deleted: true });
  });

  app.post(consentsPath, async (c) => {
    const book = bookOf(c);
    const order = readConsentOrder(await readVoiceFields(c));
    const record = await keepConsent(order, book, makerOf(c), signalOf(c));
    return c.json(describeConsent(record));
  });
  app.get(consentsPath, async (c) => {
    const data = (await bookOf(c).listConsents()).map(describeConsent);
    return c.json({ object: "list", data, has_more: false });
  });
  app.all(consentsPath, onlyMethods("GET", "POST"));
  app.get(consentPath, async (c) => c.json(describeConsent(await findConsent(c))));
  app.post(consentPath, async (c) => {
    const { id } = await findConsent(c);
    const { name: field } = await readVoiceFields(c);
    const name = readName(field);
    const renamed = await bookOf(c).renameConsent(id, name);
    if (renamed === undefined) throw noConsent(id);
    if (typeof renamed === "string") throw notKept(renamed, name);
    return c.json(describeConsent(renamed));
  });
  app.delete(consentPath, async (c) => {
    const id = c.req.param("id") ?? "";
    if (!(await bookOf(c).removeConsent(id))) throw noConsent(id);
    return c.json({ id, object: "audio.voice_consent.deleted", deleted: true });
  });
  app.all(consentPath, onlyMethods("GET", "POST", "DELETE"));
  return app;

  async function findVoice(c: Context<E>): Promise<VoiceRecord> {
    const id = c.req.param("id") ?? "";
    const found = await bookOf(c).findVoice(id);
    if (!found) throw noVoice(id);
    return found;
  }

  async function findConsent(c: Context<E>): Promise<ConsentRecord> {
    const id = c.req.param("id") ?? "";
    const found = await bookOf(c).findConsent(id);
    if (!found) throw noConsent(id);
    return found;
  }
}

function describeConsent(record: ConsentRecord) {
  return { ...record, object: "audio.voice_consent" as const };
}

/** The same for one that there never was and one that is somebody else's. */
export function noVoice(id: string): ApiError {
  return notFound("voice_not_found", `There is no voice ${brief(id)}.`);
}

function noConsent(id: string): ApiError {
  return notFound("consent_not_found", `There is no consent ${brief(id)}.`);
}
