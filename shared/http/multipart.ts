import type { Context } from "hono";
import { invalidRequest } from "../api-error.ts";
import { brief } from "../wire-values.ts";

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
  const fields = new Map<string, string | Uint8Array>();
  for (const [name, value] of form) {
    if (fields.has(name)) {
      const message = `the body must have each field once; it has another ${brief(name)}`;
      throw invalidRequest("invalid_value", message, name.slice(0, 64));
    }
    fields.set(name, typeof value === "string" ? value : new Uint8Array(await value.arrayBuffer()));
  }
  // Also one called __proto__ is a field like any other so.
  return Object.fromEntries(fields);
}
