import type { Context, Env, MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { validator } from "hono/validator";
import type * as z from "zod";
import { ApiError, invalidRequest } from "../api-error.ts";
import type { Catalogue } from "../catalogue.ts";
import { type SpeechRequest, speechRequestSchemaOf } from "../speech-request.ts";
import { brief } from "../wire-values.ts";

/** Room for the longest `input` and `instructions` with every character written as JSON escapes, and some fields more. */
export const maxBodyBytes = 128 * 1024;

/**
 * Room for a million characters, or for the longest `input` and `instructions` of 128 items, with every character of three
 * bytes written as an escape, as Python does by default. An isolate of the edge has 128 MB for all it does.
 */
export const maxLongBodyBytes = 8 * 1024 * 1024;

const jsonType = /^application\/([\w.-]+\+)?json\s*(;|$)/i;

/** Hono's validator takes a body of another type for an empty one, and would then complain about fields that are there. */
const requireJsonType: MiddlewareHandler = async (c, next) => {
  const type = c.req.header("content-type");
  if (!jsonType.test(type ?? "")) {
    throw new ApiError({
      status: 415,
      type: "invalid_request_error",
      code: "unsupported_media_type",
      message: `Content-Type must be application/json; got ${type ? JSON.stringify(type) : "none"}`,
    });
  }
  await next();
};

/** RFC 9110, sections 8.4 and 12.5.3. Taken for JSON, a coded body would be said to have broken UTF-8. */
const requireNoCoding: MiddlewareHandler = async (c, next) => {
  const coding = c.req.header("content-encoding") ?? "";
  const codings = coding.split(",").map((name) => name.trim().toLowerCase());
  if (codings.some((name) => name !== "" && name !== "identity")) {
    throw new ApiError({
      status: 415,
      type: "invalid_request_error",
      code: "unsupported_content_encoding",
      message: `Content-Encoding must be identity or left out; got ${brief(coding)}`,
      headers: { "accept-encoding": "identity" },
    });
  }
  await next();
};

/** Refuses a body that is larger, by what it says of its length or as soon as more has come, and one that breaks off. */
export function limitBody(maxSize: number): MiddlewareHandler {
  const limit = bodyLimit({
    maxSize,
    onError: (c) => {
      const length = c.req.header("content-length");
      throw new ApiError({
        status: 413,
        type: "invalid_request_error",
        code: "request_too_large",
        message: `The body must be at most ${maxSize} bytes; it has ${length ?? "more"}`,
      });
    },
  });
  return async function limitBodySize(c, next) {
    let isRead = false;
    const onRead = () => {
      isRead = true;
      return next();
    };
    try {
      return await limit(c, onRead);
    } catch (cause) {
      throw isRead || cause instanceof ApiError ? cause : incompleteBody();
    }
  };
}

/** All bytes of the body. Throws an ApiError (400) for one that breaks off, or whose chunks are no chunks. */
export async function readBody(c: Context): Promise<ArrayBuffer> {
  return c.req.arrayBuffer().catch(() => {
    throw incompleteBody();
  });
}

/** The server is not at fault, whether or not the client still hears it. */
function incompleteBody(): ApiError {
  const message = "The body could not be read to its end: it broke off, or its chunks are damaged.";
  return invalidRequest("incomplete_body", message);
}

/** Decoding the body as JSON would put U+FFFD, unasked, where its UTF-8 is broken. */
const requireUtf8: MiddlewareHandler = async (c, next) => {
  const bytes = await readBody(c);
  try {
    new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw invalidRequest("invalid_encoding", `The body's ${bytes.byteLength} bytes are not UTF-8.`);
  }
  await next();
};

/** What a body must be before its fields are looked at: JSON as it is, not too long, in UTF-8. */
export const jsonBodyUpTo = (maxBytes: number) =>
  [requireJsonType, requireNoCoding, limitBody(maxBytes), requireUtf8] as const;

export const jsonBody = jsonBodyUpTo(maxBodyBytes);

/**
 * Validates the body by the names that this deployment has; the handler reads the resolved request with
 * `c.req.valid("json")`.
 */
export function speechBody<E extends Env>(
  catalogueOf: (c: Context<E>) => Catalogue,
): MiddlewareHandler<E, string, { in: { json: unknown }; out: { json: SpeechRequest } }> {
  return validator("json", (body: unknown, c) => {
    const parsed = speechRequestSchemaOf(catalogueOf(c)).safeParse(body);
    if (!parsed.success) throw firstIssue(parsed.error.issues);
    return parsed.data;
  });
}

/** The error of a body that its schema refuses: what its first issue says. */
export function firstIssue(issues: readonly z.core.$ZodIssue[]): ApiError {
  const [issue] = issues;
  if (!issue) return invalidRequest("invalid_value", "The body is not a speech request.");
  const param = issue.path.length > 0 ? String(issue.path[0]) : null;
  return invalidRequest(issueCode(issue), issue.message, param);
}

function issueCode(issue: z.core.$ZodIssue): string {
  if (issue.code === "custom" && typeof issue.params?.code === "string") return issue.params.code;
  if (issue.message.endsWith(" is required")) return "missing_required_parameter";
  if (issue.path[0] === "response_format") return "unsupported_format";
  return "invalid_value";
}
