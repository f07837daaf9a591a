import type { Context, Env, HonoRequest, MiddlewareHandler } from "hono";
import { ApiError, type ErrorEnvelope } from "../api-error.ts";
import type { Catalogue } from "../catalogue.ts";
import { invalidJson, toApiError } from "./errors.ts";

export type Fields = Readonly<Record<string, unknown>>;

/** How a speech request of another API is one of OpenAI's, in other words. */
export interface Translation {
  /** Where that API has the route, as Hono writes paths. */
  paths: readonly string[];
  /** The body of `POST /v1/audio/speech` that asks for the same. Throws an ApiError for what has no such words. */
  toOpenAi(fields: Fields, request: HonoRequest, catalogue: Catalogue): Fields;
  /** Whether nothing of the request may be kept, where the API has words of its own for that. */
  noStore?(request: HonoRequest): boolean;
  /** What that API calls the fields of OpenAI's that it calls something else. */
  names: Readonly<Record<string, string>>;
  /** The fields that its paths name: what is not there is a 404. */
  inPath: readonly string[];
  /** The body of an error, where its clients do not read the usual envelope. */
  envelope?(error: ApiError): Omit<ErrorEnvelope, "detail"> & { detail: unknown };
}

/**
 * Tells errors in the words of the other API: by the names it gives fields, and in an envelope that its clients read.
 * Mount it before all that can fail.
 */
export function translateErrors(translation: Translation): MiddlewareHandler {
  return async function translateError(c, next) {
    await next();
    if (!c.error) return;
    const error = renamed(toApiError(c.error), translation);
    const body = translation.envelope?.(error) ?? error.envelope;
    c.res = Response.json(body, { status: error.status, headers: error.headers });
  };
}

/** Puts OpenAI's form of the request in its place, for `speechBody` and all that follows. Mount it after `jsonBody`. */
export function translateBody<E extends Env>(
  { toOpenAi, noStore }: Translation,
  catalogueOf: (c: Context<E>) => Catalogue,
): MiddlewareHandler<E> {
  return async function translateRequest(c, next) {
    const fields: unknown = await c.req.json().catch(() => {
      throw invalidJson();
    });
    // What is no object is refused by the schema.
    const translated = isObject(fields) ? toOpenAi(fields, c.req, catalogueOf(c)) : fields;
    const body = JSON.stringify(translated, keepInfinity);
    const { url, method, signal, headers: sent } = c.req.raw;
    const headers = new Headers(sent);
    headers.delete("content-length");
    if (noStore?.(c.req)) headers.append("cache-control", "no-store");
    c.req.raw = new Request(url, { method, headers, body, signal });
    c.req.bodyCache = {};
    await next();
  };
}

/** JSON would have null for a number too large for JavaScript, and so a default for what is to be refused. */
function keepInfinity(_name: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}

export function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function renamed(error: ApiError, { names, inPath }: Translation): ApiError {
  const { param, message, type, code, headers, cause } = error;
  if (param === null) return error;
  const name = names[param] ?? param;
  return new ApiError({
    status: error.status === 400 && inPath.includes(param) ? 404 : error.status,
    param: name,
    message: message.startsWith(`${param} `) ? name + message.slice(param.length) : message,
    type,
    code,
    headers,
    cause,
  });
}
