import { requestHeaders } from "../shared/http/audio-headers.ts";
import { type ModelId, nativeModelIds, nativeModels } from "../shared/models.ts";
import { type SpeechRequest, speakWith } from "../shared/speech-request.ts";
import { wireRequestSchema } from "../shared/wire-request.ts";
import type { AudioFacts } from "./cache/stored-audio.ts";

/** What an origin said of a speech when it made it, said again of the stored file. */
export function headersOfStored(facts: AudioFacts): Record<string, string> {
  const ignored = facts.ignored_fields.join(", ");
  return {
    "x-resolved-model": facts.model,
    "x-engine": facts.engine,
    "x-seed": String(facts.seed),
    "x-sample-rate": String(facts.sample_rate),
    ...(ignored ? { "x-ignored-fields": ignored } : {}),
    ...(facts.ignored_elements ? { "x-ignored-elements": facts.ignored_elements } : {}),
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
  const resolved = nativeModelIds.find((id) => id === fromOrigin["x-resolved-model"]);
  const spoken = speakWith(request, resolved ?? request.model);
  const ignored = [...spoken.ignoredFields, ...ignoredByEngine(fromOrigin, spoken.model)];
  const { "x-ignored-fields": _, ...headers } = fromOrigin;
  return { ...requestHeaders({ ...spoken, ignoredFields: [...new Set(ignored)] }), ...headers };
}

/**
 * The fields of the API, by their names on the wire, that had no effect on a speech of this model. Where the model itself
 * follows no instructions, a request with any hears the same as one without: only the request can tell.
 */
export function ignoredByEngine(headers: Record<string, string>, model: ModelId): string[] {
  const names = headers["x-ignored-fields"]?.split(", ") ?? [];
  const { followsInstructions } = nativeModels[model];
  return names.filter(
    (name) =>
      Object.hasOwn(wireRequestSchema.shape, name) &&
      (name !== "instructions" || followsInstructions),
  );
}
