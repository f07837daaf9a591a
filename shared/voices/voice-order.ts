// The bodies of `POST /v1/audio/voices` and `POST /v1/audio/voice_consents`: JSON or multipart, as OpenAI has them.
import type { Context } from "hono";
import { invalidRequest } from "../api-error.ts";
import type { Catalogue } from "../catalogue.ts";
import { invalidJson } from "../http/errors.ts";
import { isMediaType, readMultipart } from "../http/multipart.ts";
import { type Language, parseLanguage } from "../languages.ts";
import { countCodePoints, findTextProblem, toComposed } from "../text-rules.ts";
import { rules } from "../wire-request.ts";
import { broken, nullIfEmpty } from "../wire-values.ts";
import { foldVoiceName, voiceIdPattern } from "./kept-voice.ts";
import { voiceTypes } from "./voice-record.ts";

export const maxRecordingBytes = 10 * 1024 * 1024;
/** A recording as base64, and some fields. */
export const maxVoiceBodyBytes = 14 * 1024 * 1024;
const maxNameCodePoints = 256;
const maxPromptCodePoints = 2000;

/** What a voice is made of. */
export type VoiceOrder = { name: string; language: Language | null } & (
  | {
      type: "audio_sample";
      recording: Uint8Array;
      /** The id of whoever's consent it is. */
      consent: string | null;
      /** What is said in the recording. */
      refText: string | null;
    }
  | { type: "prompt"; prompt: string; scriptHint: string | null }
);

export interface ConsentOrder {
  name: string;
  language: string;
  recording: Uint8Array;
}

type Fields = Record<string, unknown>;

/** Fields of multipart or JSON; recordings are bytes in the one and base64 in the other. Throws an ApiError. */
export async function readVoiceFields(c: Context): Promise<Fields> {
  if (isMediaType(c, "multipart/form-data")) return readMultipart(c);
  const body: unknown = await c.req.json().catch(() => {
    throw invalidJson();
  });
  if (typeof body === "object" && body !== null && !Array.isArray(body)) return body as Fields;
  throw invalidRequest("invalid_value", broken("the body", "a JSON object", body));
}

/** Throws an ApiError (400) that names the field. */
export function readVoiceOrder(fields: Fields, catalogue: Catalogue): VoiceOrder {
  const type = nullIfEmpty(fields.type) ?? "audio_sample";
  const known = voiceTypes.find((name) => name === type);
  if (!known) throw refused("type", voiceTypes.join(" or "), type);
  const name = readVoiceName(fields.name, catalogue);
  const language = readLanguage(fields.language);
  if (known === "prompt") {
    const prompt = readText(fields, "prompt", maxPromptCodePoints);
    if (prompt === null) throw missing("prompt");
    const scriptHint = readText(fields, "script_hint", maxPromptCodePoints);
    return { type: known, name, language, prompt, scriptHint };
  }
  const recording = readRecordingField(fields, "audio_sample");
  const consent = nullIfEmpty(fields.consent) ?? null;
  if (consent !== null && typeof consent !== "string") {
    throw refused("consent", "the id of a consent", consent);
  }
  const refText = readText(fields, "ref_text");
  return { type: known, name, language, recording, consent, refText };
}

/** Throws an ApiError (400) that names the field. */
export function readConsentOrder(fields: Fields): ConsentOrder {
  const name = readName(fields.name);
  const language = nullIfEmpty(fields.language);
  if (language == null) throw missing("language");
  if (typeof language !== "string" || !/^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}$/.test(language)) {
    throw refused("language", "a BCP-47 tag such as en-US", language);
  }
  return { name, language, recording: readRecordingField(fields, "recording") };
}

/** Of voices: no name that means another one already. */
export function readVoiceName(value: unknown, catalogue: Catalogue): string {
  const name = readName(value);
  const folded = foldVoiceName(name);
  const isTaken = folded === "design" || catalogue.findVoice(folded) !== undefined;
  if (!isTaken && !voiceIdPattern.test(folded)) return name;
  throw refused("name", "another one than those of the presets and of ids", name);
}

/** Composed and trimmed. It is shown in lists, and part of no path. */
export function readName(value: unknown): string {
  if (nullIfEmpty(value) == null) throw missing("name");
  const rule = `a string of 1 to ${maxNameCodePoints} characters`;
  if (typeof value !== "string") throw refused("name", rule, value);
  const name = toComposed(value.trim());
  if (countCodePoints(name) > maxNameCodePoints) throw refused("name", rule, name);
  if (/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}/\\]/u.test(name)) {
    throw refused("name", "free of slashes, and of control and invisible characters", name);
  }
  return name;
}

function readText(fields: Fields, field: string, maxCodePoints?: number): string | null {
  const value = nullIfEmpty(fields[field]) ?? null;
  if (value === null) return null;
  if (typeof value !== "string") throw refused(field, "a string", value);
  const limit = maxCodePoints === undefined ? {} : { maxCodePoints };
  const problem = findTextProblem(value, { required: true, ...limit });
  if (problem) throw invalidRequest(problem.code, `${field} ${problem.rule}`, field);
  return toComposed(value.trim());
}

function readLanguage(value: unknown): Language | null {
  const asked = nullIfEmpty(value) ?? null;
  if (asked === null) return null;
  const language = typeof asked === "string" ? parseLanguage(asked) : undefined;
  if (!language) {
    const message = broken("language", rules.language, asked);
    throw invalidRequest("unsupported_language", message, "language");
  }
  return language === "auto" ? null : language;
}

/** Bytes, or base64 of them. Throws an ApiError (400). */
export function readRecordingField(fields: Fields, field: string): Uint8Array {
  const value = nullIfEmpty(fields[field]);
  if (value == null) throw missing(field);
  const bytes = value instanceof Uint8Array ? value : fromBase64(value, field);
  if (bytes.length === 0) throw refused(field, "a recording", "0 bytes");
  if (bytes.length <= maxRecordingBytes) return bytes;
  const message = `${field} must have at most ${maxRecordingBytes} bytes; it has ${bytes.length}`;
  throw invalidRequest("file_too_large", message, field);
}

/** In JSON, also as a data URL. */
function fromBase64(value: unknown, field: string): Uint8Array {
  const rule = "a file of multipart/form-data, or base64 in JSON";
  if (typeof value !== "string") throw refused(field, rule, value);
  try {
    const text = atob(value.replace(/^data:[^,]{0,100};base64,/, ""));
    return Uint8Array.from(text, (character) => character.charCodeAt(0));
  } catch {
    throw refused(field, rule, value);
  }
}

function missing(field: string) {
  return invalidRequest("missing_required_parameter", `${field} is required`, field);
}

function refused(field: string, rule: string, value: unknown) {
  return invalidRequest("invalid_value", broken(field, rule, value), field);
}
