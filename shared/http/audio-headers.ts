import { formats } from "../formats.ts";
import type { SpeechRequest } from "../speech-request.ts";

const maxIgnoredNames = 16;

/** The headers of an answer that say what was asked for, whatever its rendering. */
export function requestHeaders(request: SpeechRequest): Record<string, string> {
  const ignored = ignoredNames(request.ignoredFields);
  return {
    "x-model": request.modelId,
    "x-voice": request.voiceId,
    "x-resolved-model": request.model,
    ...(request.speaker ? { "x-speaker": request.speaker } : {}),
    ...(ignored ? { "x-ignored-fields": ignored } : {}),
  };
}

/** The headers of the bare audio file. */
export function fileHeaders({ format }: SpeechRequest): Record<string, string> {
  return {
    "content-type": formats[format].type,
    "content-disposition": `attachment; filename="speech.${format}"`,
    ...unbuffered,
  };
}

export const sseHeaders = { "content-type": "text/event-stream; charset=utf-8" };

/** Keeps nginx and its kin from holding a stream back until it is complete. */
export const unbuffered = { "x-accel-buffering": "no" };

/** Field names are the client's own text: those that a header cannot carry are counted, not shown. */
function ignoredNames(fields: readonly string[]): string {
  const names = fields.filter((name) => /^[\w.-]{1,64}$/.test(name)).slice(0, maxIgnoredNames);
  const others = fields.length - names.length;
  return [...names, ...(others > 0 ? [`and ${others} more`] : [])].join(", ");
}
