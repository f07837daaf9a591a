import { requestHeaders } from "../shared/http/audio-headers.ts";
import type { SpeechRequest } from "../shared/speech-request.ts";
import { wireRequestSchema } from "../shared/wire-request.ts";
import type { AudioFacts } from "./cache/stored-audio.ts";

/** What an origin said of a speech when it made it, said again of the stored file. */
export function headersOfStored(facts: AudioFacts): Record<string, string> {
  const ignored = facts.ignored_fields.join(", ");
  return {
    "x-engine": facts.engine,
    "x-seed": String(facts.seed),
    "x-sample-rate": String(facts.sample_rate),
    ...(ignored ? { "x-ignored-fields": ignored } : {}),
  };
}

/**
 * The headers for one of the requests that hear the same speech. Of the fields it was made without, those that the API
 * knows are the same for all of them; the unknown ones are each request's own.
 */
export function speechHeaders(
  request: SpeechRequest,
  fromOrigin: Record<string, string>,
): Record<string, string> {
  const ignoredFields = new Set([...request.ignoredFields, ...ignoredByEngine(fromOrigin)]);
  const { "x-ignored-fields": _, ...headers } = fromOrigin;
  return { ...requestHeaders({ ...request, ignoredFields: [...ignoredFields] }), ...headers };
}

/** The fields of the API, by their names on the wire, that had no effect on a speech. */
export function ignoredByEngine(headers: Record<string, string>): string[] {
  const names = headers["x-ignored-fields"]?.split(", ") ?? [];
  return names.filter((name) => Object.hasOwn(wireRequestSchema.shape, name));
}
