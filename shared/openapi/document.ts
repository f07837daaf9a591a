import * as z from "zod";
import * as answers from "../answers.ts";
import { errorEnvelopeSchema } from "../api-error.ts";
import { batchLineSchema } from "../batch/item-facts.ts";
import type { Catalogue } from "../catalogue.ts";
import { deletedJobSchema, jobEventSchema, jobListSchema, jobSchema } from "../jobs/job-answer.ts";
import { timestampsSchema } from "../speech-events.ts";
import {
  consentAnswerSchema,
  consentListSchema,
  deletedConsentSchema,
  deletedVoiceSchema,
  keptVoiceAnswerSchema,
} from "../voices/voice-record.ts";
import type { Operation, Parameter, Program } from "./operation.ts";
import { operations } from "./operations.ts";
import { type JsonSchema, requestJsonSchema } from "./request-schema.ts";

/** Of the API, as package.json has it. */
export const apiVersion = "0.1.0";

export interface Described {
  program: Program;
  catalogue: Catalogue;
  /** Schemas that only this program validates by, under the names that operations have for them. */
  schemas?: Record<string, z.ZodType>;
}

const problems: Record<number, string> = {
  400: "A field breaks its rule: `error.param` names it.",
  401: "No key, or none that is good.",
  403: "The key may not do this.",
  404: "There is no such thing.",
  409: "The name is taken, or nothing of it is there yet: `Retry-After`.",
  412: "It is not the file that the client has a part of.",
  413: "The body is too large.",
  415: "The body is of no type that is read here.",
  416: "The file has no such part.",
  426: "The path is a WebSocket.",
  429: "Too many requests or characters: `Retry-After` says when to come again.",
  499: "The client left.",
  500: "The speech failed.",
  502: "An origin's answer broke off.",
  503: "Nothing can speak now: `Retry-After` says when to come again.",
  507: "There is no room on the disk.",
  504: "No sound came in time, or it is not kept and was wanted from the cache only.",
};

/**
 * What this deployment answers to, in OpenAPI 3.1 (https://spec.openapis.org/oas/v3.1.1), made of the schemas that
 * validate.
 */
export function openApiDocument({ program, catalogue, schemas = {} }: Described) {
  const here = operations.filter(({ only }) => only === undefined || only === program);
  const paths: Record<string, Record<string, unknown>> = {};
  for (const operation of here) {
    paths[operation.path] = {
      ...paths[operation.path],
      [operation.method]: describe(operation),
    };
  }
  return {
    openapi: "3.1.1",
    info: {
      title: "Qwen3-TTS speech",
      version: apiVersion,
      summary: "OpenAI's speech API, spoken by Qwen3-TTS.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/" }],
    security: [{ bearer: [] }, { "api-key": [] }, { "xi-api-key": [] }, {}],
    paths,
    components: {
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer" },
        "api-key": { type: "apiKey", in: "header", name: "api-key" },
        "xi-api-key": { type: "apiKey", in: "header", name: "xi-api-key" },
      },
      schemas: {
        SpeechRequest: requestJsonSchema(catalogue),
        ...Object.fromEntries(
          Object.entries({
            Error: errorEnvelopeSchema,
            Base64Answer: answers.base64AnswerSchema,
            Timestamps: timestampsSchema,
            BatchLine: batchLineSchema,
            Job: jobSchema,
            JobList: jobListSchema,
            JobEvent: jobEventSchema,
            DeletedJob: deletedJobSchema,
            SpeechStreamEvent: answers.speechStreamEventSchema,
            Model: answers.modelSchema,
            ModelList: answers.modelListSchema,
            Voice: answers.listedVoiceSchema,
            KeptVoice: keptVoiceAnswerSchema,
            DeletedVoice: deletedVoiceSchema,
            VoiceConsent: consentAnswerSchema,
            VoiceConsentList: consentListSchema,
            DeletedVoiceConsent: deletedConsentSchema,
            VoiceList: answers.voiceListSchema,
            ...schemas,
          }).map(([name, schema]) => [name, jsonSchemaOf(schema)]),
        ),
      },
    },
  };
}

function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  return rest;
}

function describe(operation: Operation) {
  const { method, path, tag, summary, description, isPublic, parameters, body } = operation;
  const schema = typeof body === "string" ? { $ref: `#/components/schemas/${body}` } : body;
  const error = { "application/json": { schema: { $ref: "#/components/schemas/Error" } } };
  return {
    operationId: `${method}${path.replaceAll(/[^a-zA-Z0-9]+(.)?/g, (_, next = "") => next.toUpperCase())}`,
    tags: [tag],
    summary,
    ...(description ? { description } : {}),
    ...(isPublic ? { security: [{}] } : {}),
    ...(parameters ? { parameters: parameters.map(describeParameter) } : {}),
    ...(schema
      ? {
          requestBody: {
            required: true,
            content: {
              "application/json": { schema },
              ...(operation.alsoMultipart ? { "multipart/form-data": { schema } } : {}),
            },
          },
        }
      : {}),
    responses: {
      [operation.status ?? 200]: {
        description: "What was asked for.",
        content: Object.fromEntries(
          Object.entries(operation.answers).map(([type, schema]) => [type, { schema }]),
        ),
      },
      ...Object.fromEntries(
        operation.errors.map((status) => [
          status,
          { description: problems[status] ?? "An error.", content: error },
        ]),
      ),
    },
  };
}

function describeParameter({ schema = { type: "string" }, ...parameter }: Parameter) {
  return { ...parameter, ...(parameter.in === "path" ? { required: true } : {}), schema };
}
