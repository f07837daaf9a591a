import { ApiError, invalidRequest } from "../../shared/api-error.ts";
import type { Catalogue } from "../../shared/catalogue.ts";
import { firstIssue } from "../../shared/http/speech-body.ts";
import type { ModelId } from "../../shared/models.ts";
import { type SpeechRequest, speechRequestSchemaOf } from "../../shared/speech-request.ts";
import { broken } from "../../shared/wire-values.ts";

/** How contexts are spoken: the fields as they were sent, and what they come to. */
export interface SessionSettings {
  fields: Record<string, unknown>;
  /** Its input is not there yet. */
  request: SpeechRequest;
  audioDelivery: "binary" | "base64";
}

interface SentSettings {
  /** Of a `session.update`. */
  session: Record<string, unknown>;
  /** What these change. */
  before?: SessionSettings;
  catalogue: Catalogue;
  /** The models that may be used; all when undefined. */
  models: readonly ModelId[] | undefined;
}

/** Of a speech request, but of no use where audio comes in messages. */
const unusedFields = ["stream", "stream_format"];

/** Validates as a speech request is. Throws an ApiError (400, 403) that names the field. */
export function readSettings({
  session,
  before,
  catalogue,
  models,
}: SentSettings): SessionSettings {
  const { audio_delivery: audioDelivery = before?.audioDelivery ?? "binary", ...changed } = session;
  if (audioDelivery !== "binary" && audioDelivery !== "base64") {
    throw invalidField("audio_delivery", "binary or base64", audioDelivery);
  }
  const fields: Record<string, unknown> = { ...before?.fields, ...changed };
  const { input, input_format: format, markup } = fields;
  if (input != null) {
    throw invalidField("input", "left out of a session: it comes by input.append", input);
  }
  if (format != null && format !== "text") {
    throw invalidField("input_format", "text in a session, which has no whole document", format);
  }
  if (markup != null && markup !== "none") {
    throw invalidField("markup", "none in a session, where tags could come in parts", markup);
  }
  const parsed = speechRequestSchemaOf(catalogue).safeParse({ ...fields, input: "text" });
  if (!parsed.success) throw firstIssue(parsed.error.issues);
  const request = parsed.data;
  if (models && !models.includes(request.model)) {
    throw new ApiError({
      status: 403,
      type: "permission_error",
      code: "model_not_allowed",
      message: `This key may not use the model ${request.modelId}.`,
      param: "model",
    });
  }
  const unused = unusedFields.filter((name) => fields[name] != null);
  const ignoredFields = [...request.ignoredFields, ...unused];
  return { fields, request: { ...request, ignoredFields }, audioDelivery };
}

/** What a client is told of them. */
export function describeSettings({ request, audioDelivery }: SessionSettings): object {
  return {
    model: request.modelId,
    voice: request.voiceId,
    speaker: request.speaker,
    response_format: request.format,
    sample_rate: request.sampleRate,
    bitrate: request.bitrate,
    speed: request.speed,
    language: request.language,
    seed: request.seed,
    instructions: request.instructions,
    audio_delivery: audioDelivery,
    ignored_fields: request.ignoredFields,
  };
}

function invalidField(field: string, rule: string, value: unknown): ApiError {
  return invalidRequest("invalid_value", broken(field, rule, value), field);
}
