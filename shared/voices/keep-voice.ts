// What becomes of an order for a voice, wherever it came from.
import { ApiError, invalidRequest } from "../api-error.ts";
import { toHex } from "../identity.ts";
import { brief } from "../wire-values.ts";
import { maxKeptVoices, type Unkept, type VoiceBook, type VoiceMaker } from "./voice-book.ts";
import type { ConsentOrder, VoiceOrder } from "./voice-order.ts";
import type { ConsentRecord, VoiceRecord } from "./voice-record.ts";

/** Where consents are given. */
export const consentsPath = "/v1/audio/voice_consents";

/**
 * Has a voice made and keeps it. Throws an ApiError: 400 without a consent that is kept, and for what no voice can be made of, 409
 * for a name that is taken, and 503 where no model is there that could.
 */
export async function keepVoice(
  order: VoiceOrder,
  book: VoiceBook,
  maker: VoiceMaker,
  signal: AbortSignal,
): Promise<VoiceRecord> {
  await requireConsent(order, book);
  // Before all the work; addVoice has the last word.
  if (await book.findVoice(order.name)) throw notKept("name_taken", order.name);
  const { file, ...made } = await maker.make(order, signal);
  const { type, name, language } = order;
  const record: VoiceRecord = {
    id: `voice_${randomHex()}`,
    ...made,
    type,
    name,
    language,
    created_at: now(),
    prompt: order.type === "prompt" ? order.prompt : null,
    consent: order.type === "audio_sample" ? order.consent : null,
  };
  const unkept = await book.addVoice(record, file);
  if (unkept) throw notKept(unkept, name);
  return record;
}

/** Hears a consent and keeps what is to be known of it. Throws an ApiError: 400 for what is no recording of a voice, 409. */
export async function keepConsent(
  { recording, ...order }: ConsentOrder,
  book: VoiceBook,
  maker: VoiceMaker,
  signal: AbortSignal,
): Promise<ConsentRecord> {
  const { seconds } = await maker.hear(recording, signal);
  const record: ConsentRecord = {
    id: `cons_${randomHex()}`,
    ...order,
    created_at: now(),
    seconds,
    sha256: await digestOfRecording(recording),
  };
  const unkept = await book.addConsent(record);
  if (unkept) throw notKept(unkept, record.name);
  return record;
}

/** Says of a recording whether another is the same: SHA-256 in hexadecimal. */
export async function digestOfRecording(bytes: Uint8Array): Promise<string> {
  return toHex(await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>));
}

/** A 409 that says why nothing is kept under that name. */
export function notKept(why: Unkept, name: string): ApiError {
  const shared = {
    status: 409,
    type: "invalid_request_error",
    headers: { "x-should-retry": "false" },
  } as const;
  if (why === "full") {
    const message = `At most ${maxKeptVoices} are kept for one key: delete one first.`;
    return new ApiError({ ...shared, code: "voice_limit_reached", message });
  }
  const message = `name must be one that is not taken; ${brief(name)} is.`;
  return new ApiError({ ...shared, code: "name_taken", param: "name", message });
}

/** Throws a 400 where a recording is somebody's of whose consent nothing is known here. */
async function requireConsent(order: VoiceOrder, book: VoiceBook): Promise<void> {
  if (order.type === "prompt") return;
  const { consent } = order;
  if (consent === null) {
    const message = `consent is required: the id of a consent that was given at ${consentsPath}`;
    throw invalidRequest("missing_required_parameter", message, "consent");
  }
  if (await book.findConsent(consent)) return;
  const message = `consent must be the id of a consent that was given at ${consentsPath}; got ${brief(consent)}`;
  throw invalidRequest("consent_not_found", message, "consent");
}

function now(): number {
  return Math.floor(Date.now() / 1000);
}

function randomHex(): string {
  return crypto.randomUUID().replaceAll("-", "");
}
