import { fileName, formats } from "../formats.ts";
import type { SpeechRequest } from "../speech-request.ts";

const maxIgnoredNames = 16;
/** What a cache can keep with the file. */
const maxElementsLength = 256;

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
    "content-disposition": `attachment; filename="${fileName(format)}"`,
    ...unbuffered,
  };
}

export const sseHeaders = { "content-type": "text/event-stream; charset=utf-8" };

/** Keeps nginx and its kin from holding a stream back until it is complete. */
export const unbuffered = { "x-accel-buffering": "no" };

/** The header that names what of SSML was spoken through, if anything was. */
export function elementHeader(elements: readonly string[]): Record<string, string> {
  const names = ignoredNames(elements, /^[\w.:-]{1,32}(\[[\w.:-]{1,32}\])?$/);
  return names ? { "x-ignored-elements": names.slice(0, maxElementsLength) } : {};
}

/** Field names are the client's own text: those that a header cannot carry are counted, not shown. */
function ignoredNames(fields: readonly string[], pattern = /^[\w.-]{1,64}$/): string {
  const names = fields.filter((name) => pattern.test(name)).slice(0, maxIgnoredNames);
  const others = fields.length - names.length;
  return [...names, ...(others > 0 ? [`and ${others} more`] : [])].join(", ");
}
