import type { Context } from "hono";
import { invalidRequest } from "../api-error.ts";

/** Whether a body is of that type, whatever its parameters. */
export function isMediaType(c: Context, type: string): boolean {
  const [named = ""] = (c.req.header("content-type") ?? "").split(";");
  return named.trim().toLowerCase() === type;
}

/**
 * Reads a body of multipart/form-data (RFC 7578): texts as strings, files as bytes. Names of files count for nothing.
 * Throws an ApiError (400) for what cannot be read, and for a field that is there twice.
 */
export async function readMultipart(c: Context): Promise<Record<string, string | Uint8Array>> {
  const form = await c.req.formData().catch(() => {
    throw invalidRequest("invalid_multipart", "The body is not valid multipart/form-data.");
  });
  const fields: Record<string, string | Uint8Array> = {};
  for (const [name, value] of form) {
    if (Object.hasOwn(fields, name)) {
      throw invalidRequest("invalid_value", `the body must have ${name.slice(0, 64)} once`, name);
    }
    fields[name] = typeof value === "string" ? value : new Uint8Array(await value.arrayBuffer());
  }
  return fields;
}
